/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/gdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/signals.h"

/*
 * A packet is $BODY#CC, CC being the sum of the body's bytes in two hex digits. Each end acknowledges
 * a packet with '+'. Other packets of the stub, such as the reason of a stop, are skipped.
 */

enum { BYTES_LIMIT = 64, PACKET_LIMIT = 512 };

static int read_byte(int fd, char *byte, struct deadline deadline, struct err *err)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	int rc = signals_poll(&polled, 1, deadline, err);

	if (rc == -ETIMEDOUT)
		return err_set(err, ETIMEDOUT, "QEMU's gdb stub does not answer");
	if (rc < 0)
		return rc;
	if (read(fd, byte, 1) != 1)
		return err_set(err, EPIPE, "QEMU's gdb stub has closed the connection");
	return 0;
}

static int receive(int fd, char body[PACKET_LIMIT], struct deadline deadline, struct err *err)
{
	size_t length = 0;
	char byte = 0, check[2];
	int rc = 0;

	while (!rc && byte != '$')
		rc = read_byte(fd, &byte, deadline, err);
	while (!rc && !(rc = read_byte(fd, &byte, deadline, err)) && byte != '#') {
		if (length == PACKET_LIMIT - 1)
			return err_set(err, EMSGSIZE, "QEMU's gdb stub sends an endless answer");
		body[length++] = byte;
	}
	body[length] = '\0';
	for (size_t i = 0; !rc && i < sizeof(check); i++)
		rc = read_byte(fd, &check[i], deadline, err);
	return rc < 0 ? rc : lines_send(fd, "+", 1, deadline, err);
}

static int exchange(int fd, const char *body, char answer[PACKET_LIMIT], struct deadline deadline,
		struct err *err)
{
	char packet[PACKET_LIMIT];
	unsigned sum = 0;
	int rc;

	for (const char *c = body; *c; c++)
		sum += (unsigned char)*c;
	snprintf(packet, sizeof(packet), "$%s#%02x", body, sum & 0xff);
	rc = lines_send(fd, packet, strlen(packet), deadline, err);
	/* A stop report, "T05", may come before the answer. */
	do
		rc = rc < 0 ? rc : receive(fd, answer, deadline, err);
	while (!rc && answer[0] == 'T' && body[0] != '?');
	return rc;
}

int gdb_attach(int fd, struct deadline deadline, struct err *err)
{
	char answer[PACKET_LIMIT];
	int rc = exchange(fd, "?", answer, deadline, err);

	if (!rc && answer[0] != 'T' && answer[0] != 'S')
		rc = err_set(err, EPROTO, "QEMU's gdb stub does not stop the machine");
	return rc;
}

int gdb_detach(int fd, struct deadline deadline, struct err *err)
{
	char answer[PACKET_LIMIT];
	int rc = exchange(fd, "D", answer, deadline, err);

	if (!rc && strcmp(answer, "OK"))
		rc = err_set(err, EPROTO, "QEMU's gdb stub does not let the machine go on");
	return rc;
}

int gdb_read(int fd, uint64_t address, uint8_t *bytes, size_t count, struct deadline deadline,
		struct err *err)
{
	char body[PACKET_LIMIT], answer[PACKET_LIMIT];
	int rc;

	snprintf(body, sizeof(body), "m%llx,%zx", (unsigned long long)address, count);
	rc = exchange(fd, body, answer, deadline, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count; i++) {
		if (sscanf(answer + 2 * i, "%2hhx", &bytes[i]) != 1 || strlen(answer) != 2 * count)
			return err_set(err, EFAULT, "the machine has no memory at 0x%llx",
					(unsigned long long)address);
	}
	return 0;
}

int gdb_write(int fd, uint64_t address, const uint8_t *bytes, size_t count,
		struct deadline deadline, struct err *err)
{
	char body[PACKET_LIMIT], answer[PACKET_LIMIT];
	int used, rc;

	if (count > BYTES_LIMIT)
		return err_set(err, EINVAL, "more than %d bytes at once", BYTES_LIMIT);
	used = snprintf(body, sizeof(body), "M%llx,%zx:", (unsigned long long)address, count);
	for (size_t i = 0; i < count; i++)
		used += snprintf(body + used, sizeof(body) - (size_t)used, "%02x", bytes[i]);
	rc = exchange(fd, body, answer, deadline, err);
	if (!rc && strcmp(answer, "OK"))
		rc = err_set(err, EFAULT, "the machine rejects a write at 0x%llx",
				(unsigned long long)address);
	return rc;
}

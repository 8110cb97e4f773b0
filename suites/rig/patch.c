/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/patch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rig/gdb.h"
#include "rig/topology.h"
#include "rig/unix_socket.h"

#define PATCH_TIME_MS 10000
#define SOCKET_NAME   "gdb"

/* Starts the stub on demand: an option of QEMU would change the command line, and so require
 * another snapshot. */
static int listen_for_gdb(struct qmp *qmp, const char *folder, struct err *err)
{
	CLEANUP(cleanup_free) char *path = topology_escape(folder);
	CLEANUP(cleanup_record) struct record *reply = NULL;
	struct record *arguments = record_object();

	record_put_strf(arguments, "command-line",
			"gdbserver \"unix:%s/" SOCKET_NAME ",server=on,wait=off\"", path);
	return qmp_execute(qmp, "human-monitor-command", arguments, deadline_in(PATCH_TIME_MS),
			&reply, err);
}

static int attach(const char *folder, int *fd, struct err *err)
{
	*fd = unix_connect(folder, SOCKET_NAME, err);
	return *fd < 0 ? *fd : gdb_attach(*fd, deadline_in(PATCH_TIME_MS), err);
}

/* mov rax, VALUE (sign-extended from 32 bits); ret */
static void encode_return(int32_t value, uint8_t code[PATCH_BYTES])
{
	uint32_t bits = (uint32_t)value;

	memcpy(code, (uint8_t[]){ 0x48, 0xc7, 0xc0 }, 3);
	for (int i = 0; i < 4; i++)
		code[3 + i] = (uint8_t)(bits >> 8 * i);
	code[7] = 0xc3;
}

/* mov rdi, LONG_TIME; jmp SLEEP. SLEEP takes jiffies, and 2^31 of them are months. The
 * function's caller then sleeps in the kernel, where no signal reaches it. */
static int encode_sleep(
		uint64_t address, uint64_t sleep, uint8_t code[PATCH_BYTES], struct err *err)
{
	int64_t distance = (int64_t)(sleep - (address + PATCH_BYTES));

	if (distance < INT32_MIN || distance > INT32_MAX)
		return err_set(err, ERANGE, "there is no jump from %llx to %llx",
				(unsigned long long)address, (unsigned long long)sleep);
	memcpy(code, (uint8_t[]){ 0x48, 0xc7, 0xc7, 0xff, 0xff, 0xff, 0x7f, 0xe9 }, 8);
	for (int i = 0; i < 4; i++)
		code[8 + i] = (uint8_t)((uint64_t)distance >> 8 * i);
	return 0;
}

static bool take_address(const struct record *function, const char *key, uint64_t *address)
{
	const char *text = record_str(function, key, "");
	char *end;

	*address = strtoull(text, &end, 16);
	return end != text && !*end;
}

/* CODE holds the present code; bytes that the patch does not cover stay. */
static int encode(const struct record *function, uint64_t address, uint8_t code[PATCH_BYTES],
		struct err *err)
{
	int64_t value = record_int(function, "returns", INT64_MAX);
	uint64_t sleep;

	if (take_address(function, "sleeps", &sleep))
		return encode_sleep(address, sleep, code, err);
	if (value < INT32_MIN || value > INT32_MAX)
		return err_set(err, EINVAL, "break-functions wants what the function returns");
	encode_return((int32_t)value, code);
	return 0;
}

static int take(struct patches *patches, int fd, const struct record *function, struct err *err)
{
	uint8_t code[PATCH_BYTES];
	uint64_t address;
	int rc;

	if (!take_address(function, "address", &address))
		return err_set(err, EINVAL, "break-functions wants an address in hex digits");
	if (patches->count == PATCHES_LIMIT)
		return err_set(err, E2BIG, "more than %d functions", PATCHES_LIMIT);
	rc = gdb_read(fd, address, code, PATCH_BYTES, deadline_in(PATCH_TIME_MS), err);
	if (rc < 0)
		return rc;
	memcpy(patches->list[patches->count].former, code, PATCH_BYTES);
	rc = encode(function, address, code, err);
	if (rc < 0)
		return rc;
	patches->list[patches->count++].address = address;
	return gdb_write(fd, address, code, PATCH_BYTES, deadline_in(PATCH_TIME_MS), err);
}

int patches_apply(struct patches *patches, struct qmp *qmp, const char *folder,
		const struct record *arguments, struct err *err)
{
	const struct record *functions = record_get(arguments, "functions");
	CLEANUP(cleanup_fd) int fd = -1;
	int rc = patches->listening ? 0 : listen_for_gdb(qmp, folder, err);

	patches->listening = patches->listening || !rc;
	if (!rc)
		rc = attach(folder, &fd, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; !rc && i < record_length(functions); i++)
		rc = take(patches, fd, record_at(functions, i), err);
	return gdb_detach(fd, deadline_in(PATCH_TIME_MS), err) < 0 ? -EIO : rc;
}

int patches_undo(struct patches *patches, const char *folder, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	int rc = patches->count ? attach(folder, &fd, err) : 0;

	if (rc < 0 || !patches->count)
		return rc;
	/* Works in reverse, so that a function that was broken twice gets its original code
	 * back. */
	while (!rc && patches->count) {
		patches->count--;
		rc = gdb_write(fd, patches->list[patches->count].address,
				patches->list[patches->count].former, PATCH_BYTES,
				deadline_in(PATCH_TIME_MS), err);
	}
	return gdb_detach(fd, deadline_in(PATCH_TIME_MS), err) < 0 ? -EIO : rc;
}

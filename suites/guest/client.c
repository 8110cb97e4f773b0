/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/lines.h"
#include "base/text.h"

/* A guest is not trusted: its lines are limited, and an answer counts only with the id of its request. Ids
 * begin at random, so that no answer to an earlier client is taken for one to this. */

enum { LINE_LIMIT = 65536, ID_BITS = 0x3fffffff };

struct guest_client {
	int fd;
	struct lines lines;
	int64_t next_id;
	char *path;
};

static int connect_to(const char *path, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(cleanup_fd)
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
			(int)sizeof(address.sun_path))
		return err_set(err, EINVAL, "%s is too long for a socket", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_sys(err, "cannot connect to the guest's %s", path);
	return TAKE_FD(fd);
}

int guest_client_open(const char *socket_path, struct guest_client **client, struct err *err)
{
	int fd = connect_to(socket_path, err);
	uint32_t first = 0;

	if (fd < 0)
		return fd;
	*client = calloc(1, sizeof(**client));
	if (!*client || getrandom(&first, sizeof(first), 0) != sizeof(first))
		abort();
	**client = (struct guest_client){ .fd = fd,
		.lines = LINES_OF(fd, LINE_LIMIT),
		.next_id = (first & ID_BITS) + 1,
		.path = text_format("%s", socket_path) };
	return 0;
}

void guest_client_close(struct guest_client *client)
{
	if (!client)
		return;
	lines_free(&client->lines);
	cleanup_fd(&client->fd);
	free(client->path);
	free(client);
}

void cleanup_guest_client(struct guest_client **client)
{
	guest_client_close(*client);
}

static int explain(const struct guest_client *client, int rc, struct err *err)
{
	if (rc == -EPIPE)
		return err_set(err, EPIPE, "the guest at %s has closed its port", client->path);
	if (rc == -ETIMEDOUT)
		return err_set(err, ETIMEDOUT, "the guest at %s does not answer in time",
				client->path);
	return rc;
}

/* Events have no id. */
static int receive(struct guest_client *client, int64_t id, struct deadline deadline,
		struct record **answer, struct err *err)
{
	for (;;) {
		CLEANUP(cleanup_record) struct record *record = NULL;
		size_t length;
		char *line;
		int rc = lines_next(&client->lines, deadline, &line, &length, err);

		if (!rc)
			rc = record_parse("a guest's answer", line, length, &record, err);
		if (rc < 0)
			return explain(client, rc, err);
		if (record_int(record, "id", 0) != id)
			continue;
		if (!record_bool(record, "ok", false))
			return err_set(err, EREMOTEIO, "the guest says: %.200s",
					record_str(record, "error", "no reason"));
		if (answer)
			*answer = TAKE(record);
		return 0;
	}
}

int guest_client_ask(struct guest_client *client, struct record *request, struct deadline deadline,
		struct record **answer, struct err *err)
{
	CLEANUP(cleanup_record) struct record *owned = request;
	CLEANUP(cleanup_free) char *text = NULL, *line = NULL;
	int64_t id = client->next_id++;
	int rc;

	record_put_int(owned, "id", id);
	text = record_print(owned);
	line = text_format("%s\n", text);
	rc = lines_send(client->fd, line, strlen(line), deadline, err);
	return rc < 0 ? explain(client, rc, err) : receive(client, id, deadline, answer, err);
}

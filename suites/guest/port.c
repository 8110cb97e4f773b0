/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/port.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "guest/request.h"

#define PORTS "/sys/class/virtio-ports"

enum { SEND_MS = 2000, NAME_LIMIT = 256, POLL_MS = 20 };

struct search {
	const char *name;
	char device[NAME_LIMIT + 8];
};

static bool has_name(const char *port, const char *name)
{
	CLEANUP(cleanup_free) char *path = text_format(PORTS "/%s/name", port);
	CLEANUP(cleanup_free) char *text = NULL;

	if (file_read(AT_FDCWD, path, NAME_LIMIT, &text, NULL, NULL) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, name);
}

static bool find_port(void *argument)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(PORTS);
	struct search *search = argument;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !has_name(entry->d_name, search->name))
			continue;
		snprintf(search->device, sizeof(search->device), "/dev/%s", entry->d_name);
		return access(search->device, R_OK) == 0;
	}
	return false;
}

int port_open(const char *name, struct deadline deadline, struct port *port, struct err *err)
{
	struct search search = { .name = name };
	int fd;

	if (!clock_poll(find_port, &search, deadline, POLL_MS))
		return err_set(err, ENODEV, "no virtio-serial port named %s", name);
	fd = open(search.device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open %s", search.device);
	if (fcntl(fd, F_SETOWN, getpid()) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC) < 0) {
		close(fd);
		return err_sys(err, "%s does not signal clients", search.device);
	}
	*port = (struct port){ .fd = fd, .lines = LINES_OF(fd, REQUEST_LIMIT) };
	return 0;
}

struct pollfd port_polled(const struct port *port)
{
	return (struct pollfd){ .fd = port->connected ? port->fd : -1, .events = POLLIN };
}

bool port_connects(struct port *port)
{
	struct pollfd polled = { .fd = port->fd, .events = POLLIN };
	bool was = port->connected;

	port->connected = poll(&polled, 1, 0) >= 0 && !(polled.revents & POLLHUP);
	return port->connected && !was;
}

static void drop_input(struct port *port)
{
	lines_free(&port->lines);
	port->lines = LINES_OF(port->fd, REQUEST_LIMIT);
}

int port_next(struct port *port, char **line, size_t *length)
{
	int rc = lines_next(&port->lines, deadline_in(0), line, length, NULL);

	if (rc == -EMSGSIZE) {
		bool reported = port->skips;

		drop_input(port);
		port->skips = true;
		return reported ? port_next(port, line, length) : -EMSGSIZE;
	}
	if (rc == -EPIPE) {
		drop_input(port);
		port->connected = port->skips = false;
	}
	if (rc || !port->skips)
		return rc;
	port->skips = false;
	return port_next(port, line, length);
}

void port_send(struct port *port, const char *line)
{
	CLEANUP(cleanup_free) char *text = text_format("%s\n", line);
	struct deadline deadline = deadline_in(SEND_MS);
	size_t length = strlen(text), done = 0;

	while (done < length) {
		struct pollfd polled = { .fd = port->fd, .events = POLLOUT };
		ssize_t taken = write(port->fd, text + done, length - done);

		if (taken > 0)
			done += (size_t)taken;
		else if (taken == 0 || errno != EAGAIN || !deadline_left(deadline) ||
				poll(&polled, 1, deadline_left(deadline)) <= 0 ||
				polled.revents & POLLHUP)
			return;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUEST_PORT_H
#define GUEST_PORT_H

#include <poll.h>
#include <stdbool.h>

#include "base/lines.h"

/*
 * The virtio-serial port, whose other end is a socket on the host. While nobody is connected there, a read
 * returns the end of the stream and poll() a hang-up; the kernel sends SIGIO when somebody connects.
 */
struct port {
	int fd;
	struct lines lines;
	bool connected, skips; /* skips: the rest of a line that is too long */
};

/* Opens the port of that name; waits for it until DEADLINE. */
int port_open(const char *name, struct deadline deadline, struct port *port, struct err *err);

/* For poll(). */
struct pollfd port_polled(const struct port *port);

/* Returns true if a client is there which was not there before. */
bool port_connects(struct port *port);

/* The next line. -ETIMEDOUT: none yet. -EMSGSIZE: one is too long, and its rest is skipped. -EPIPE: the
 * client is gone; what it has begun is dropped. */
int port_next(struct port *port, char **line, size_t *length);

/* Sends a line, or drops it if nobody takes it in time. */
void port_send(struct port *port, const char *line);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"

/* Lines from a descriptor that nobody trusts. The descriptor is the caller's and non-blocking. */
struct lines {
	int fd;
	size_t limit; /* bytes of one line */
	char *buffer;
	size_t begin, scanned, used, room;
	bool ended;
};

#define LINES_OF(fd_, limit_) ((struct lines){ .fd = (fd_), .limit = (limit_) })

/* The next line without its newline, zero-terminated, valid until the next call. -EPIPE at the end
 * of the stream (what follows the last newline is dropped), -ETIMEDOUT, -EINTR, or -EMSGSIZE for a
 * line beyond the limit; only the last two are put into ERR. The deadline holds for a line that
 * comes in pieces, too. */
int lines_next(struct lines *lines, struct deadline deadline, char **line, size_t *length,
		struct err *err);

void lines_free(struct lines *lines);

/* Sends all of it within the deadline to a non-blocking descriptor. -EPIPE, -ETIMEDOUT, -EINTR. */
int lines_send(int fd, const char *text, size_t length, struct deadline deadline, struct err *err);

#endif

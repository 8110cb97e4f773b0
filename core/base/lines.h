/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"

/* Lines from a descriptor whose other end is not trusted. The caller owns the descriptor, which
 * is non-blocking. */
struct lines {
	int fd;
	size_t limit;         /* longest line, in bytes */
	bool despite_signals; /* a pending signal ends no wait */
	char *buffer;
	size_t begin, scanned, used, room;
	bool ended;
};

#define LINES_OF(fd_, limit_) ((struct lines){ .fd = (fd_), .limit = (limit_) })

/* Returns the next line without its newline, zero-terminated, valid until the next call. -EPIPE
 * at the end of the stream (drops what follows the last newline), -ETIMEDOUT, -EINTR, or -EMSGSIZE
 * for a line beyond the limit; only the last two set ERR. The deadline also covers a line that
 * arrives in pieces. */
int lines_next(struct lines *lines, struct deadline deadline, char **line, size_t *length,
		struct err *err);

void lines_free(struct lines *lines);

/* Sends all of TEXT to a non-blocking descriptor within the deadline. -EPIPE, -ETIMEDOUT,
 * -EINTR. */
int lines_send(int fd, const char *text, size_t length, struct deadline deadline, struct err *err);

#endif

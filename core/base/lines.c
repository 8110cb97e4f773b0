/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/lines.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/signals.h"

/*
 * The buffer holds [begin, used): what was received and not yet returned. [begin, scanned) contains
 * no newline. The buffer never grows beyond the limit and the newline.
 */

#define READ_SIZE 65536

static void make_room(struct lines *lines)
{
	size_t kept = lines->used - lines->begin;
	size_t wanted = kept + READ_SIZE < lines->limit + 2 ? kept + READ_SIZE : lines->limit + 2;

	if (lines->begin) {
		memmove(lines->buffer, lines->buffer + lines->begin, kept);
		lines->scanned -= lines->begin;
		lines->begin = 0;
		lines->used = kept;
	}
	if (wanted > lines->room) {
		lines->room = wanted;
		lines->buffer = realloc(lines->buffer, wanted);
		if (!lines->buffer)
			abort();
	}
}

static bool take_line(struct lines *lines, char **line, size_t *length)
{
	char *newline;

	if (lines->scanned == lines->used)
		return false;
	newline = memchr(lines->buffer + lines->scanned, '\n', lines->used - lines->scanned);
	if (!newline) {
		lines->scanned = lines->used;
		return false;
	}
	*newline = '\0';
	*line = lines->buffer + lines->begin;
	*length = (size_t)(newline - *line);
	lines->begin = lines->scanned = (size_t)(newline - lines->buffer) + 1;
	return true;
}

/* As signals_poll(). */
static int wait_for_more(const struct lines *lines, struct deadline deadline, struct err *err)
{
	struct pollfd polled = { .fd = lines->fd, .events = POLLIN };
	int found;

	if (!lines->despite_signals)
		return signals_poll(&polled, 1, deadline, err);
	do
		found = poll(&polled, 1, deadline_left(deadline));
	while (found < 0 && errno == EINTR);
	return found ? found : -ETIMEDOUT;
}

int lines_next(struct lines *lines, struct deadline deadline, char **line, size_t *length,
		struct err *err)
{
	for (;;) {
		ssize_t got;
		int rc;

		if (take_line(lines, line, length))
			return 0;
		if (lines->used - lines->begin > lines->limit)
			return err_set(err, EMSGSIZE, "a line of more than %zu bytes",
					lines->limit);
		if (lines->ended)
			return -EPIPE;
		rc = wait_for_more(lines, deadline, err);
		if (rc < 0)
			return rc;
		make_room(lines);
		got = read(lines->fd, lines->buffer + lines->used, lines->room - lines->used);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		lines->ended = got <= 0;
		lines->used += got > 0 ? (size_t)got : 0;
	}
}

void lines_free(struct lines *lines)
{
	free(lines->buffer);
	lines->buffer = NULL;
}

int lines_send(int fd, const char *text, size_t length, struct deadline deadline, struct err *err)
{
	while (length) {
		struct pollfd polled = { .fd = fd, .events = POLLOUT };
		ssize_t done;
		int rc = signals_poll(&polled, 1, deadline, err);

		if (rc < 0)
			return rc;
		done = write(fd, text, length);
		if (done < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (done < 0)
			return -EPIPE;
		text += done;
		length -= (size_t)done;
	}
	return 0;
}

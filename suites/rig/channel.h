/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_CHANNEL_H
#define RIG_CHANNEL_H

#include "base/clock.h"
#include "data/record.h"

/*
 * Records over a byte stream to the machine under test (suites/protocol.md). The machine is not trusted:
 * a line of more than 1 MiB, a line that is not JSON, and silence beyond the deadline are errors.
 * Interrupted waits (base/signals.h) return -EINTR.
 *
 * Lines without an id come from the image's init, which uses the same port (vmimages/README.md):
 * {"event":"exited","status":N} means that vfsuite has ended, {"event":"error","message":...} that a
 * request could not be carried out. The channel drops all others.
 */
struct channel;

/* Takes both descriptors, which may be the same, and makes them non-blocking. */
struct channel *channel_new(int in_fd, int out_fd);
void channel_free(struct channel *channel);

/* Sends REQUEST (taken) with a fresh id, and returns that id in ID. */
int channel_send(struct channel *channel, struct record *request, int64_t *id, struct err *err);

/* Receives the next event of the request, or its answer, which is the message without a member
 * "event". -EREMOTEIO for an answer with ok false, with its error; -ETIMEDOUT; -EPIPE if the other
 * end is gone. */
int channel_receive(struct channel *channel, int64_t id, struct deadline deadline,
		struct record **message, struct err *err);

/* Sends a request and receives its answer; skips events. ANSWER may be NULL. */
int channel_ask(struct channel *channel, struct record *request, struct deadline deadline,
		struct record **answer, struct err *err);

/* Makes sure that vfsuite answers, and that the answer is not a late one to another request. */
int channel_hello(struct channel *channel, struct deadline deadline, struct err *err);

/* EXPLAIN is called before -ETIMEDOUT and -EPIPE are put into ERR. It may fill ERR with a better reason
 * why the other end is silent or gone. */
void channel_explain(struct channel *channel, void (*explain)(void *argument, struct err *err),
		void *argument);

/* The descriptor to poll() for input. */
int channel_fd(const struct channel *channel);

/* For the image's init, while vfsuite does not run: sends a line; waits for an event; waits for one of
 * several events, whose list ends with NULL, and returns its index. */
int channel_send_line(struct channel *channel, const char *line, struct err *err);
int channel_await_event(struct channel *channel, const char *event, struct deadline deadline,
		struct err *err);
int channel_await_any(struct channel *channel, const char *const *events, struct deadline deadline,
		struct err *err);

#endif

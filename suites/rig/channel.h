/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_CHANNEL_H
#define RIG_CHANNEL_H

#include "base/clock.h"
#include "base/record.h"

/*
 * Records over a byte stream to the machine under test (suites/protocol.md). What arrives is
 * untrusted: a line of more than 1 MiB, what is not JSON, and silence beyond the deadline are
 * errors. A signal to end (rig/interrupt.h) is -EINTR.
 *
 * Lines without an id are the image's init, which speaks on the same port (vmimages/README.md):
 * {"event":"exited","status":N} means that vfsuite has ended, {"event":"error","message":...} that
 * a request could not be carried out; others are dropped.
 */
struct channel;

/* FDs are taken; they may be the same. They become non-blocking. */
struct channel *channel_new(int in_fd, int out_fd);
void channel_free(struct channel *channel);

/* Sends REQUEST (taken) with a fresh id and gives that id. */
int channel_send(struct channel *channel, struct record *request, int64_t *id, struct err *err);

/* The next event of the request, or its answer: the one without a member "event". An answer with
 * ok false is -EREMOTEIO with its error. -ETIMEDOUT, and -EPIPE when the other end is gone. */
int channel_receive(struct channel *channel, int64_t id, struct deadline deadline,
		struct record **message, struct err *err);

/* Who knows better why the other end is silent or gone: called before -ETIMEDOUT and -EPIPE are
 * put into ERR, which it may fill instead. */
void channel_explain(struct channel *channel, void (*explain)(void *argument, struct err *err),
		void *argument);

/* Both, for requests without events. */
int channel_ask(struct channel *channel, struct record *request, struct deadline deadline,
		struct record **answer, struct err *err);

/* What comes in; for poll(). */
int channel_fd(const struct channel *channel);

/* To the image's init, while no vfsuite runs: a line, and the wait for its event of that name. */
int channel_tell(struct channel *channel, const char *line, struct err *err);
int channel_hear(struct channel *channel, const char *event, struct deadline deadline,
		struct err *err);

/* For one of several events (the last name is NULL): its index. */
int channel_hear_one(struct channel *channel, const char *const *events, struct deadline deadline,
		struct err *err);

#endif

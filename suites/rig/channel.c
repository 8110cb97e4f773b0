/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/channel.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/lines.h"
#include "base/text.h"

/*
 * A channel numbers its requests from 1. One request is open at a time, so a message with another id
 * answers a request that was abandoned. A line that is not a record is an error: the start of the next
 * one is unknown, and a driver that writes to this port is a finding, not noise.
 */

#define LINE_LIMIT   (1u << 20)
#define SEND_TIME_MS 10000
#define QUOTE_LENGTH 200

struct channel {
	struct lines lines;
	int in, out;
	int64_t last_id;
	void (*explain)(void *argument, struct err *err);
	void *explain_argument;
};

struct channel *channel_new(int in_fd, int out_fd)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		abort();
	fcntl(in_fd, F_SETFL, fcntl(in_fd, F_GETFL) | O_NONBLOCK);
	fcntl(out_fd, F_SETFL, fcntl(out_fd, F_GETFL) | O_NONBLOCK);
	channel->in = in_fd;
	channel->out = out_fd;
	channel->lines = LINES_OF(in_fd, LINE_LIMIT);
	return channel;
}

void channel_free(struct channel *channel)
{
	if (!channel)
		return;
	lines_free(&channel->lines);
	close(channel->in);
	if (channel->out != channel->in)
		close(channel->out);
	free(channel);
}

int channel_fd(const struct channel *channel)
{
	return channel->in;
}

void channel_explain(struct channel *channel, void (*explain)(void *argument, struct err *err),
		void *argument)
{
	channel->explain = explain;
	channel->explain_argument = argument;
}

static int give_up(struct channel *channel, int rc, struct err *err)
{
	if ((rc == -EPIPE || rc == -ETIMEDOUT) && channel->explain && err && !err->code)
		channel->explain(channel->explain_argument, err);
	if (rc == -EPIPE)
		err_set(err, EPIPE, "the machine under test has hung up");
	else if (rc == -ETIMEDOUT)
		err_set(err, ETIMEDOUT, "no answer from the machine under test in time");
	else if (rc != -EINTR)
		err_prefix(err, "the machine under test: ");
	if (err)
		err->code = -rc; /* EXPLAIN may have set another */
	return rc;
}

int channel_send_line(struct channel *channel, const char *line, struct err *err)
{
	CLEANUP(cleanup_free) char *text = text_format("%s\n", line);
	size_t length = strlen(text);
	int rc;

	if (length > LINE_LIMIT)
		return err_set(err, EMSGSIZE, "a request of %zu bytes is too long", length);
	rc = lines_send(channel->out, text, length, deadline_in(SEND_TIME_MS), err);
	return rc < 0 ? give_up(channel, rc, err) : 0;
}

int channel_send(struct channel *channel, struct record *request, int64_t *id, struct err *err)
{
	CLEANUP(cleanup_record) struct record *owned = request;
	CLEANUP(cleanup_free) char *text = NULL;
	int rc;

	record_put_int(owned, "id", ++channel->last_id);
	text = record_print(owned);
	rc = channel_send_line(channel, text, err);
	if (!rc)
		*id = channel->last_id;
	return rc;
}

/* The beginning of a line in printable characters. */
static const char *quote(const char *line, size_t length, char text[QUOTE_LENGTH + 4])
{
	size_t shown = length < QUOTE_LENGTH ? length : QUOTE_LENGTH;

	for (size_t i = 0; i < shown; i++)
		text[i] = line[i] >= ' ' && line[i] < 0x7f ? line[i] : '?';
	strcpy(text + shown, shown < length ? "..." : "");
	return text;
}

static int parse(const char *line, size_t length, struct record **message, struct err *err)
{
	CLEANUP(cleanup_record) struct record *parsed = NULL;
	char quoted[QUOTE_LENGTH + 4];
	struct err cause = { 0 };

	if (record_parse("its answer", line, length, &parsed, &cause) < 0)
		return err_set(err, EPROTO, "the machine under test: %s: \"%s\"", cause.msg,
				quote(line, length, quoted));
	if (record_type(parsed) != RECORD_OBJECT)
		return err_set(err, EPROTO, "the machine under test sent no JSON object but \"%s\"",
				quote(line, length, quoted));
	*message = TAKE(parsed);
	return 0;
}

/* Checks an event of the image's init. Returns 0 for those that are not errors. */
static int check_init_event(const struct record *message, struct err *err)
{
	const char *event = record_str(message, "event", "");
	char quoted[QUOTE_LENGTH + 4];

	if (!strcmp(event, "exited"))
		return err_set(err, EPIPE, "vfsuite has ended with status %d",
				(int)record_int(message, "status", -1));
	if (!strcmp(event, "error")) {
		const char *text = record_str(message, "message", "no message");

		return err_set(err, EREMOTEIO, "the machine under test: %s",
				quote(text, strlen(text), quoted));
	}
	return 0;
}

static int judge_answer(const struct record *answer, struct err *err)
{
	const char *text = record_str(answer, "error", NULL);
	char quoted[QUOTE_LENGTH + 4];

	if (record_bool(answer, "ok", false))
		return 0;
	if (!text)
		return err_set(err, EPROTO, "an answer says neither ok nor what went wrong");
	return err_set(err, EREMOTEIO, "%s", quote(text, strlen(text), quoted));
}

static int next_message(struct channel *channel, struct deadline deadline, struct record **message,
		struct err *err)
{
	size_t length;
	char *line;
	int rc = lines_next(&channel->lines, deadline, &line, &length, err);

	if (rc < 0)
		return give_up(channel, rc, err);
	return parse(line, length, message, err);
}

int channel_receive(struct channel *channel, int64_t id, struct deadline deadline,
		struct record **message, struct err *err)
{
	for (;;) {
		CLEANUP(cleanup_record) struct record *received = NULL;
		int rc = next_message(channel, deadline, &received, err);

		if (!rc && !record_get(received, "id"))
			rc = check_init_event(received, err);
		if (rc < 0)
			return rc;
		if (record_int(received, "id", 0) != id) {
			if (!deadline_left(deadline))
				return give_up(channel, -ETIMEDOUT, err);
			continue;
		}
		if (!record_get(received, "event"))
			rc = judge_answer(received, err);
		if (!rc)
			*message = TAKE(received);
		return rc;
	}
}

int channel_ask(struct channel *channel, struct record *request, struct deadline deadline,
		struct record **answer, struct err *err)
{
	int64_t id;
	int rc = channel_send(channel, request, &id, err);

	while (!rc) {
		CLEANUP(cleanup_record) struct record *message = NULL;

		rc = channel_receive(channel, id, deadline, &message, err);
		if (rc || record_get(message, "event"))
			continue;
		if (answer)
			*answer = TAKE(message);
		break;
	}
	return rc;
}

int channel_hello(struct channel *channel, struct deadline deadline, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct record *request = record_object();
	uint64_t random;
	char nonce[17];
	int rc;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (uint64_t)clock_us();
	snprintf(nonce, sizeof(nonce), "%016llx", (unsigned long long)random);
	record_put_str(request, "op", "hello");
	record_put_str(request, "nonce", nonce);
	rc = channel_ask(channel, request, deadline, &answer, err);
	if (!rc && strcmp(record_str(answer, "nonce", ""), nonce))
		rc = err_set(err, EPROTO, "vfsuite answered a different request");
	return rc;
}

/* The index of MESSAGE's event in EVENTS, or -1. */
static int find_event(const struct record *message, const char *const *events)
{
	const char *event = record_str(message, "event", "");

	for (int i = 0; events[i]; i++) {
		if (!strcmp(event, events[i]))
			return i;
	}
	return -1;
}

int channel_await_event(struct channel *channel, const char *event, struct deadline deadline,
		struct err *err)
{
	return channel_await_any(channel, (const char *const[]){ event, NULL }, deadline, err);
}

int channel_await_any(struct channel *channel, const char *const *events, struct deadline deadline,
		struct err *err)
{
	for (;;) {
		CLEANUP(cleanup_record) struct record *message = NULL;
		int rc = next_message(channel, deadline, &message, err);

		if (rc < 0)
			return rc;
		if (!record_get(message, "id")) {
			rc = find_event(message, events);
			if (rc >= 0)
				return rc;
			rc = check_init_event(message, err);
			if (rc < 0)
				return rc;
		}
		if (!deadline_left(deadline))
			return give_up(channel, -ETIMEDOUT, err);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/qmp.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/lines.h"

/*
 * The events are a queue, oldest first. A reply carries the id of its command; the late reply to an
 * abandoned command is dropped.
 */

#define LINE_LIMIT  (4u << 20)
#define EVENT_LIMIT 64

struct qmp {
	int fd;
	struct lines lines;
	int64_t last_id;
	struct record *events[EVENT_LIMIT];
	size_t event_count;
};

static int connection_error(int rc, const char *action, struct err *err)
{
	if (rc == -EPIPE)
		return err_set(err, EPIPE, "QEMU has ended during %s", action);
	if (rc == -ETIMEDOUT)
		return err_set(err, ETIMEDOUT, "QEMU does not answer %s", action);
	return rc;
}

static int next_message(
		struct qmp *qmp, struct deadline deadline, struct record **message, struct err *err)
{
	size_t length;
	char *line;
	int rc = lines_next(&qmp->lines, deadline, &line, &length, err);

	return rc < 0 ? rc : record_parse("QEMU's answer", line, length, message, err);
}

static void remove_event(struct qmp *qmp, size_t index)
{
	qmp->event_count--;
	memmove(qmp->events + index, qmp->events + index + 1,
			(qmp->event_count - index) * sizeof(*qmp->events));
}

static void keep_event(struct qmp *qmp, struct record *event)
{
	if (qmp->event_count == EVENT_LIMIT) {
		record_free(qmp->events[0]);
		remove_event(qmp, 0);
	}
	qmp->events[qmp->event_count++] = event;
}

static void forget_events(struct qmp *qmp)
{
	while (qmp->event_count)
		record_free(qmp->events[--qmp->event_count]);
}

void qmp_close(struct qmp *qmp)
{
	if (!qmp)
		return;
	forget_events(qmp);
	lines_free(&qmp->lines);
	close(qmp->fd);
	free(qmp);
}

static void cleanup_qmp(struct qmp **qmp)
{
	qmp_close(*qmp);
}

int qmp_open(int fd, struct deadline deadline, struct qmp **qmp, struct err *err)
{
	CLEANUP(cleanup_qmp) struct qmp *fresh = calloc(1, sizeof(*fresh));
	CLEANUP(cleanup_record) struct record *greeting = NULL;
	int rc;

	if (!fresh)
		abort();
	fresh->fd = fd;
	fresh->lines = LINES_OF(fd, LINE_LIMIT);
	rc = next_message(fresh, deadline, &greeting, err);
	if (rc < 0)
		return connection_error(rc, "the greeting", err);
	if (!record_get(greeting, "QMP"))
		return err_set(err, EPROTO, "QEMU's socket sends no QMP greeting");
	rc = qmp_execute(fresh, "qmp_capabilities", NULL, deadline, NULL, err);
	if (!rc)
		*qmp = TAKE(fresh);
	return rc;
}

static int send_command(struct qmp *qmp, const char *command, struct record *arguments,
		struct deadline deadline, struct err *err)
{
	CLEANUP(cleanup_record) struct record *request = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length;
	int rc;

	record_put_str(request, "execute", command);
	if (arguments)
		record_put(request, "arguments", arguments);
	record_put_int(request, "id", ++qmp->last_id);
	text = record_print(request);
	length = strlen(text);
	text[length] = '\n'; /* replaces the terminating zero */
	rc = lines_send(qmp->fd, text, length + 1, deadline, err);
	text[length] = '\0';
	return rc;
}

static struct record *copy_or_empty(const struct record *part)
{
	return part ? record_copy(part) : record_object();
}

static int judge_reply(const struct record *message, const char *command, struct record **reply,
		struct err *err)
{
	const struct record *error = record_get(message, "error");

	if (error)
		return err_set(err, EREMOTEIO, "QEMU refuses %s: %s", command,
				record_str(error, "desc", "it does not say why"));
	if (reply)
		*reply = copy_or_empty(record_get(message, "return"));
	return 0;
}

int qmp_execute(struct qmp *qmp, const char *command, struct record *arguments,
		struct deadline deadline, struct record **reply, struct err *err)
{
	int rc = send_command(qmp, command, arguments, deadline, err);

	while (!rc) {
		CLEANUP(cleanup_record) struct record *message = NULL;

		rc = next_message(qmp, deadline, &message, err);
		if (!rc && record_get(message, "event"))
			keep_event(qmp, TAKE(message));
		else if (!rc && record_int(message, "id", 0) == qmp->last_id)
			return judge_reply(message, command, reply, err);
		if (!rc && !deadline_left(deadline))
			rc = -ETIMEDOUT;
	}
	return connection_error(rc, command, err);
}

int qmp_wait(struct qmp *qmp, const char *event, struct deadline deadline, struct record **data,
		struct err *err)
{
	size_t next = 0;

	for (;;) {
		CLEANUP(cleanup_record) struct record *message = NULL;
		int rc;

		for (; next < qmp->event_count; next++) {
			if (strcmp(record_str(qmp->events[next], "event", ""), event))
				continue;
			message = qmp->events[next];
			remove_event(qmp, next);
			*data = copy_or_empty(record_get(message, "data"));
			return 0;
		}
		rc = next_message(qmp, deadline, &message, err);
		if (rc < 0)
			return connection_error(rc, event, err);
		if (!record_get(message, "event"))
			continue;
		next -= qmp->event_count == EVENT_LIMIT;
		keep_event(qmp, TAKE(message));
	}
}

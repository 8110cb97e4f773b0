/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migrate/receive.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/text.h"
#include "migrate/arrival.h"
#include "migrate/peer.h"

enum stage { STAGE_BEGIN, STAGE_GREETED, STAGE_RESERVED, STAGE_PLUGGED };

struct session {
	const struct receive *receive;
	struct arrival arrival;
	enum stage stage;
	struct diagnostics notes; /* for the next answer */
};

/* --- Requests -------------------------------------------------------------------------------- */

static int do_hello(struct session *session, const struct record *request, struct record *answer,
		struct err *err)
{
	char id[40] = "";

	(void)request;
	(void)err;
	host_read(session->receive->host, "proc/sys/kernel/random/boot_id", id, sizeof(id), NULL);
	record_put_str(answer, "boot_id", id);
	session->stage = STAGE_GREETED;
	return 0;
}

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f || *text == '/')
			return false;
	}
	return true;
}

static int take_vm(const struct record *request, struct domain_status *vm, struct err *err)
{
	const char *name = record_str(request, "vm", ""), *uuid = record_str(request, "uuid", "");

	*vm = (struct domain_status){ .state = DOMAIN_RUNNING };
	if (!*name || strlen(name) >= sizeof(vm->name) || !is_printable(name) ||
			strlen(uuid) != DOMAIN_UUID_ROOM - 1 ||
			uuid[strspn(uuid, "0123456789abcdef-")])
		return err_set(err, EINVAL, "the machine has no name, or no UUID");
	snprintf(vm->name, sizeof(vm->name), "%s", name);
	snprintf(vm->uuid, sizeof(vm->uuid), "%s", uuid);
	return 0;
}

static int do_reserve(struct session *session, const struct record *request, struct record *answer,
		struct err *err)
{
	CLEANUP(cleanup_free) struct moving_nics *nics = calloc(1, sizeof(*nics));
	struct domain_status vm;
	int rc;

	if (!nics)
		abort();
	rc = take_vm(request, &vm, err);
	if (!rc)
		rc = moving_nics_from_record(record_get(request, "nics"), nics, err);
	if (!rc)
		rc = arrival_plan(&session->arrival, &vm, nics, &session->notes, err);
	if (!rc && !record_bool(request, "plan", false)) {
		rc = arrival_reserve(&session->arrival, &session->notes, err);
		if (!rc)
			session->stage = STAGE_RESERVED;
	}
	if (!rc)
		record_put(answer, "nics", moving_answer_to_record(nics));
	return rc;
}

static int do_wait(struct session *session, const struct record *request, struct record *answer,
		struct err *err)
{
	(void)session;
	(void)request;
	(void)answer;
	(void)err;
	return 0;
}

static int do_plug(struct session *session, const struct record *request, struct record *answer,
		struct err *err)
{
	struct arrival *arrival = &session->arrival;
	CLEANUP(cleanup_free) struct err *errs = calloc(arrival->count + 1, sizeof(*errs));
	struct record *nics;
	int rc;

	(void)request;
	if (!errs)
		abort();
	rc = arrival_plug(arrival, &session->notes, errs, err);
	if (rc < 0)
		return rc;
	session->stage = STAGE_PLUGGED;
	nics = record_array();
	for (size_t i = 0; i < arrival->count; i++) {
		struct record *nic = record_object();

		record_put_str(nic, "nic", arrival->nics[i].nic.nic);
		record_put_str(nic, "vf", arrival->nics[i].nic.vf);
		record_put_str(nic, "message", errs[i].code ? errs[i].msg : NULL);
		record_put_str(nic, "refusal", errs[i].refusal);
		record_add(nics, nic);
	}
	record_put(answer, "nics", nics);
	return 0;
}

static int do_release(struct session *session, const struct record *request, struct record *answer,
		struct err *err)
{
	(void)request;
	(void)answer;
	(void)err;
	arrival_end(&session->arrival, &session->notes);
	session->stage = STAGE_GREETED;
	return 0;
}

static const struct {
	const char *name;
	unsigned stages; /* in which it makes sense */
	int (*run)(struct session *session, const struct record *request, struct record *answer,
			struct err *err);
} verbs[] = {
	{ "hello", 1 << STAGE_BEGIN, do_hello },
	{ "reserve", 1 << STAGE_GREETED, do_reserve },
	{ "wait", 1 << STAGE_GREETED | 1 << STAGE_RESERVED | 1 << STAGE_PLUGGED, do_wait },
	{ "plug", 1 << STAGE_RESERVED, do_plug },
	{ "release", 1 << STAGE_GREETED | 1 << STAGE_RESERVED, do_release },
};

/* --- Answers --------------------------------------------------------------------------------- */

static struct record *take_notes(struct session *session)
{
	struct record *notes = record_array();

	for (size_t i = 0; i < session->notes.count && i < PEER_NOTES_MOST; i++) {
		/* An answer is a line of limited length. */
		CLEANUP(cleanup_free) char *note = text_format("%.400s", session->notes.lines[i]);

		record_add_str(notes, note);
	}
	diagnostics_free(&session->notes);
	session->notes = (struct diagnostics){ 0 };
	return notes;
}

static int send_answer(struct session *session, struct record *answer, const struct err *cause,
		struct err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *line = NULL;

	record_put_bool(answer, "ok", !cause->code);
	record_put(answer, "notes", take_notes(session));
	if (cause->code) {
		record_put_str(answer, "message", cause->msg);
		record_put_str(answer, "refusal", cause->refusal);
	}
	text = record_print(answer);
	return file_write_all(session->receive->out, text, strlen(text)) < 0 ||
					file_write_all(session->receive->out, "\n", 1) < 0
			? err_set(err, EPIPE, "the other side has gone")
			: 0;
}

/* -EPROTO ends the session: what the other side will do next is not known. */
static int answer_request(struct session *session, const char *line, size_t length, struct err *err)
{
	CLEANUP(cleanup_record) struct record *request = NULL;
	CLEANUP(cleanup_record) struct record *answer = record_object();
	struct err cause = { 0 };
	const char *verb;
	size_t i = 0;

	if (record_parse("the request", line, length, &request, &cause) < 0)
		return err_set(err, EPROTO, "%s", cause.msg);
	if (record_int(request, "version", 0) != PEER_VERSION)
		return err_set(err, EPROTO,
				"the other vfctl speaks another version of the protocol");
	verb = record_str(request, "do", "");
	while (i < sizeof(verbs) / sizeof(*verbs) && strcmp(verbs[i].name, verb) != 0)
		i++;
	if (i == sizeof(verbs) / sizeof(*verbs) || !(verbs[i].stages & 1u << session->stage))
		return err_set(err, EPROTO, "the request '%.40s' makes no sense now", verb);
	record_put_int(answer, "version", PEER_VERSION);
	record_put_int(answer, "id", record_int(request, "id", 0));
	verbs[i].run(session, request, answer, &cause);
	return send_answer(session, answer, &cause, err);
}

/* --- The session ----------------------------------------------------------------------------- */

/* Waits for the next request, and meanwhile holds what it holds. */
static int next_line(struct session *session, struct lines *lines, char **line, size_t *length,
		struct err *err)
{
	struct deadline silence = deadline_in(1000 * (int64_t)session->receive->silence_s);

	for (;;) {
		int left = deadline_left(silence);
		int step = left < ARRIVAL_RENEW_MS ? left : ARRIVAL_RENEW_MS;
		int rc = lines_next(lines, deadline_in(step), line, length, err);

		if (rc != -ETIMEDOUT)
			return rc;
		if (!deadline_left(silence))
			return err_set(err, ETIMEDOUT, "the other side was silent for %d s",
					session->receive->silence_s);
		arrival_renew(&session->arrival, &session->notes);
	}
}

static int converse(struct session *session, struct err *err)
{
	struct lines lines = LINES_OF(session->receive->in, PEER_LINE_MOST);
	size_t length;
	char *line;
	int rc;

	do {
		rc = next_line(session, &lines, &line, &length, err);
		if (!rc)
			rc = answer_request(session, line, length, err);
		if (!rc)
			arrival_renew(&session->arrival, &session->notes);
	} while (!rc);
	lines_free(&lines);
	return rc == -EPIPE ? 0 : rc;
}

int receive_run(const struct receive *receive, struct diagnostics *notes, struct err *err)
{
	struct session session = { .receive = receive,
		.arrival = { .host = receive->host,
				.hypervisor = receive->hypervisor,
				.wait_s = receive->wait_s } };
	int rc = fcntl(receive->in, F_SETFL, O_NONBLOCK) < 0 ? err_sys(err, "cannot read") : 0;

	if (!rc)
		rc = converse(&session, err);
	diagnostics_free(&session.notes);
	arrival_end(&session.arrival, notes);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/lines.h"
#include "command/verb.h"
#include "vfsuite/vfsuite.h"

/* One conversation with the controller. */
struct conversation {
	struct session session;
	struct lines in;
	FILE *out;
	bool debug; /* errors on standard error show where they arose */
	int64_t id; /* of the request that is being answered */
};

enum { LINE_LIMIT = 1 << 20 };
#define FOREVER deadline_in(INT32_MAX)

/* Takes RECORD and sends it with the request's id. */
static bool send_record(void *argument, struct record *record)
{
	const struct conversation *with = argument;
	CLEANUP(cleanup_free) char *text = NULL;

	record_put_int(record, "id", with->id);
	text = record_print(record);
	record_free(record);
	return fprintf(with->out, "%s\n", text) > 0 && fflush(with->out) == 0;
}

/* Waits without a deadline: the controller bounds the time of an action. */
static struct record *ask_controller(void *argument, struct record *event)
{
	struct conversation *with = argument;
	CLEANUP(cleanup_record) struct record *answer = NULL;
	char *line;
	size_t length;

	if (!send_record(with, event))
		return NULL;
	if (lines_next(&with->in, FOREVER, &line, &length, NULL) < 0 ||
			record_parse("answer", line, length, &answer, NULL) < 0 ||
			strcmp(record_str(answer, "op", ""), "rig-done") ||
			record_int(answer, "id", 0) != with->id)
		return NULL;
	return TAKE(answer);
}

static int answer_hello(const struct record *request, struct record *answer)
{
	struct utsname system;

	uname(&system);
	if (record_get(request, "nonce"))
		record_put(answer, "nonce", record_copy(record_get(request, "nonce")));
	record_put_str(answer, "version", PROJECT_VERSION);
	record_put_str(answer, "kernel", system.release);
	return 0;
}

static int answer_checks(struct record *answer)
{
	CLEANUP(cleanup_record) struct record *listing = listing_record();

	record_put(answer, "suites", record_copy(record_get(listing, "suites")));
	record_put(answer, "checks", record_copy(record_get(listing, "checks")));
	return 0;
}

static int answer_identify(const struct conversation *with, const struct record *request,
		struct record *answer, struct err *err)
{
	struct record *identity = NULL;
	int rc = identity_read(with->session.host, request, &identity, err);

	if (!rc)
		record_put(answer, "identity", identity);
	return rc;
}

static int answer_run(struct conversation *with, const struct record *request,
		struct record *answer, struct err *err)
{
	struct listener listener = { send_record, ask_controller, with };
	CLEANUP(cleanup_free) char *aborted = NULL;
	int64_t kernel_us = 0;
	int rc = run_checks(&with->session, request, listener, &aborted, &kernel_us, err);

	record_put_str(answer, "aborted", aborted);
	record_put_real(answer, "kernel_s", (double)kernel_us / 1e6);
	return rc;
}

static bool answer(struct conversation *with, const struct record *request)
{
	const char *op = record_str(request, "op", "");
	struct record *answer = record_object();
	struct err err = { 0 };
	int rc = 0;

	with->id = record_int(request, "id", 0);
	if (!strcmp(op, "hello"))
		rc = answer_hello(request, answer);
	else if (!strcmp(op, "checks"))
		rc = answer_checks(answer);
	else if (!strcmp(op, "identify"))
		rc = answer_identify(with, request, answer, &err);
	else if (!strcmp(op, "run"))
		rc = answer_run(with, request, answer, &err);
	else if (strcmp(op, "quit"))
		rc = err_set(&err, EINVAL, "unknown op '%.32s'", op);
	record_put_bool(answer, "ok", rc == 0);
	if (rc < 0)
		record_put_str(answer, "error", err.msg);
	if (rc < 0 && with->debug)
		error_print(op, &err, true);
	return send_record(with, answer) && strcmp(op, "quit");
}

/* Answers requests until the controller quits or is gone. */
static int converse(struct conversation *with)
{
	for (;;) {
		CLEANUP(cleanup_record) struct record *request = NULL;
		struct err err = { 0 };
		char *line;
		size_t length;
		int rc = lines_next(&with->in, FOREVER, &line, &length, &err);

		if (rc < 0 && rc != -EMSGSIZE)
			return EXIT_GOOD;
		if (!rc)
			rc = record_parse("request", line, length, &request, &err);
		if (rc < 0) {
			error_print("request", &err, with->debug);
			return EXIT_USAGE;
		}
		if (!answer(with, request))
			return EXIT_GOOD;
	}
}

int serve_requests(struct host *host, int in_fd, FILE *out, bool debug)
{
	struct conversation with = {
		.session.host = host, .in = LINES_OF(in_fd, LINE_LIMIT), .out = out, .debug = debug
	};
	struct err err = { 0 };
	int status = converse(&with);

	lines_free(&with.in);
	if (session_end(&with.session, &err) < 0) {
		error_print("the card could not be restored", &err, debug);
		return EXIT_UNUSABLE;
	}
	return status;
}

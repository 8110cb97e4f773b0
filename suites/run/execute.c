/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/execute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "reports/results/results.h"
#include "run/reboot.h"
#include "run/request.h"
#include "run/results_head.h"

/*
 * The machine under test is not trusted. vfsuite may report one result for each check that it was
 * asked to run, after it has reported that the check starts; anything else ends the run. The
 * results keep what vfsuite reported before.
 */

#define GRACE_S            60   /* after a check's own deadline, for restoring what it changed */
#define WAIT_MS            1000 /* between two calls of wait() */
#define CHECK_LIMIT_S      3600 /* the longest deadline that a check may declare */
#define RIG_REQUESTS_LIMIT 100  /* of one check */
#define BOOTS_LIMIT        1000 /* for one check */

struct execution {
	const struct run *run;
	const struct record *ids, *declared;
	struct record *results;
	struct record *pending;       /* object: true for ids without a verdict */
	const struct record *current; /* the running check, or NULL */
	double scale;
	struct deadline deadline;
	int64_t began_ms, check_began_ms;
	unsigned rig_requests, boots; /* of the current check */
	int64_t request_id;
	bool wire_cut; /* by the current check */
};

struct record *run_begin(const char *command, int64_t seed)
{
	struct record *run = record_object();
	char started[TIMESTAMP_SIZE];

	record_put_str(run, "started", timestamp_format(time(NULL), started));
	record_put_bool(run, "complete", false);
	record_put_str(run, "why", "the run has not ended");
	record_put_int(run, "seed", seed);
	record_put_str(run, "command", command);
	record_put_str(run, "version", PROJECT_VERSION);
	return results_new(run, record_object());
}

void run_failed(struct record *results, const struct err *err)
{
	record_put_bool(results_run(results), "complete", false);
	record_put_str(results_run(results), "why", err->msg);
}

static const char *current_id(const struct execution *execution)
{
	return record_str(execution->current, "id", "vfsuite");
}

static struct deadline check_deadline(const struct execution *execution)
{
	int64_t seconds = execution->current ? record_int(execution->current, "timeout_s", 60) : 0;

	seconds = seconds < 0 ? 0 : seconds > CHECK_LIMIT_S ? CHECK_LIMIT_S : seconds;
	return deadline_in((int64_t)(1000 * (double)(seconds + GRACE_S) * execution->scale));
}

/* Completes what vfsuite reported about a check that it DECLARED. */
static void add_result(struct execution *execution, const struct record *declared,
		struct check_result *check)
{
	const struct run *run = execution->run;

	check->id = record_str(declared, "id", "?");
	check->suite = record_str(declared, "suite", "?");
	check->title = record_str(declared, "title", "");
	check->why = record_str(declared, "why", NULL);
	check->origin = record_str(rig_identity(run->rig), "origin", "unknown");
	if (declared == execution->current)
		check->at_s = (double)(execution->check_began_ms - execution->began_ms) / 1000;
	quirks_apply(run->quirks, execution->results, check);
	results_add(execution->results, check);
	record_put_null(execution->pending, check->id);
	if (run->events.end)
		run->events.end(run->events.argument, check);
	check_result_free(check);
}

static void add_broken(
		struct execution *execution, const struct record *declared, const char *reason)
{
	struct check_result check = CHECK_RESULT_NONE;

	check.verdict = VERDICT_BROKEN;
	check.reason = reason;
	if (declared == execution->current)
		check.duration_s = (double)(clock_ms() - execution->check_began_ms) / 1000;
	add_result(execution, declared, &check);
}

static bool is_pending(const struct execution *execution, const char *id)
{
	return record_type(record_get(execution->pending, id)) == RECORD_BOOL;
}

static int on_check_start(struct execution *execution, const struct record *event, struct err *err)
{
	const struct run_events *events = &execution->run->events;
	const char *id = record_str(event, "check", "");

	if (execution->current)
		return err_set(err, EPROTO, "vfsuite started '%.64s' while %s was running", id,
				current_id(execution));
	if (!is_pending(execution, id))
		return err_set(err, EPROTO, "vfsuite started '%.64s', which was not asked for", id);
	execution->current = select_find(execution->declared, id);
	execution->check_began_ms = clock_ms();
	execution->rig_requests = execution->boots = 0;
	if (events->start)
		events->start(events->argument, id, results_length(execution->results),
				record_length(execution->ids));
	return 0;
}

/* A check that was killed has not mended the wire. */
static int restore_wire(struct execution *execution, struct err *err)
{
	if (!execution->wire_cut)
		return 0;
	execution->wire_cut = false;
	return rig_act(execution->run->rig, "link-up", NULL, err);
}

static int on_check_end(struct execution *execution, const struct record *event, struct err *err)
{
	const struct record *result = record_get(event, "result");
	struct check_result check;
	struct err cause = { 0 };

	if (check_result_from_record(CHECK_RESULT_SENT, result, &check, &cause) < 0)
		return err_set(err, EPROTO, "vfsuite reported a malformed result: %s", cause.msg);
	if (!execution->current || strcmp(current_id(execution), check.id))
		return err_set(err, EPROTO, "vfsuite reported '%.64s', which was not running",
				check.id);
	add_result(execution, execution->current, &check);
	execution->current = NULL;
	return restore_wire(execution, err);
}

/* The current check and the pending ones, in the requested order. */
static struct record *remaining_ids(const struct execution *execution)
{
	const char *current = current_id(execution);
	struct record *remaining = record_array();

	record_add_str(remaining, current);
	for (size_t i = 0; i < record_length(execution->ids); i++) {
		const char *id = record_text(record_at(execution->ids, i));

		if (is_pending(execution, id) && strcmp(id, current))
			record_add_str(remaining, id);
	}
	return remaining;
}

static int on_reboot(struct execution *execution, const struct record *event, struct err *err)
{
	CLEANUP(cleanup_record) struct record *remaining = remaining_ids(execution);

	execution->wire_cut = false;
	if (++execution->boots > BOOTS_LIMIT)
		return err_set(err, EPROTO, "%s boots the machine more than %d times",
				current_id(execution), BOOTS_LIMIT);
	return reboot_resume(execution->run, event, remaining, &execution->request_id, err);
}

/* Tells the check whether the rig did it, and the check judges by that. */
static int reply_to_rig_request(
		const struct execution *execution, const struct err *failure, struct err *err)
{
	CLEANUP(cleanup_record) struct record *reply = record_object();
	CLEANUP(cleanup_free) char *text = NULL;

	record_put_int(reply, "id", execution->request_id);
	record_put_str(reply, "op", "rig-done");
	record_put_bool(reply, "ok", !failure->code);
	record_put_str(reply, "error", failure->code ? failure->msg : NULL);
	text = record_print(reply);
	return channel_send_line(rig_channel(execution->run->rig), text, err);
}

static int on_rig_request(struct execution *execution, const struct record *event, struct err *err)
{
	const struct run *run = execution->run;
	const char *action = record_str(event, "action", "");
	struct err failure = { 0 };

	/* Functions that stay broken for the whole run are broken before the first check. */
	if (!execution->current && !record_length(run->functions))
		return err_set(err, EPROTO, "vfsuite asks the rig for an action between checks");
	if (rig_action_reboots(action))
		return on_reboot(execution, event, err);
	if (++execution->rig_requests > RIG_REQUESTS_LIMIT)
		return err_set(err, EPROTO, "%s asks the rig for more than %d actions",
				current_id(execution), RIG_REQUESTS_LIMIT);
	if (!record_has_text(run->ignored, action) &&
			rig_act(run->rig, action, record_get(event, "arguments"), &failure) == 0)
		execution->wire_cut = !strcmp(action, "link-down") ||
				(execution->wire_cut && strcmp(action, "link-up"));
	return reply_to_rig_request(execution, &failure, err);
}

static int on_event(struct execution *execution, const char *event, const struct record *message,
		struct err *err)
{
	bool rig = !strcmp(event, "rig"), reboots = record_get(message, "kept");
	int rc = 0;

	if (rig)
		rc = on_rig_request(execution, message, err);
	else if (!strcmp(event, "check-start"))
		rc = on_check_start(execution, message, err);
	else if (!strcmp(event, "check-end"))
		rc = on_check_end(execution, message, err);
	if (!rc && (!rig || reboots))
		execution->deadline = check_deadline(execution);
	return rc;
}

/* Handles events until vfsuite answers the request. */
static int await_answer(struct execution *execution, struct record **answer, struct err *err)
{
	const struct run_events *events = &execution->run->events;
	int rc = 0;

	execution->deadline = check_deadline(execution);
	while (!rc) {
		CLEANUP(cleanup_record) struct record *message = NULL;
		bool partly = events->wait && deadline_left(execution->deadline) > WAIT_MS;
		struct err cause = { 0 };
		const char *event;

		rc = channel_receive(rig_channel(execution->run->rig), execution->request_id,
				partly ? deadline_in(WAIT_MS) : execution->deadline, &message,
				&cause);
		if (rc == -ETIMEDOUT && partly) {
			events->wait(events->argument);
			rc = 0;
			continue;
		}
		if (rc < 0)
			return err_set(err, cause.code ? cause.code : -rc, "%s", cause.msg);
		event = record_str(message, "event", NULL);
		if (!event) {
			*answer = TAKE(message);
			return 0;
		}
		rc = on_event(execution, event, message, err);
	}
	return rc;
}

static int judge_answer(const struct record *answer, struct err *err)
{
	const struct record *aborted = record_get(answer, "aborted");
	CLEANUP(cleanup_free) char *text = NULL;

	if (record_type(aborted) == RECORD_ABSENT || record_type(aborted) == RECORD_NULL)
		return 0;
	text = record_print(aborted);
	return err_set(err, ECANCELED, "vfsuite gave up: %.360s",
			record_text(aborted) ? record_text(aborted) : text);
}

/* Pending checks are broken if vfsuite claims to have run all; otherwise they are listed as not
 * run. */
static void finish_pending(struct execution *execution, bool ended)
{
	struct record *not_run = record_array();

	for (size_t i = 0; i < record_length(execution->ids); i++) {
		const char *id = record_text(record_at(execution->ids, i));

		if (!is_pending(execution, id))
			continue;
		if (ended)
			add_broken(execution, select_find(execution->declared, id),
					"vfsuite ended the run without a verdict");
		else
			record_add_str(not_run, id);
	}
	record_put(results_run(execution->results), "not_run", not_run);
}

static void put_times(struct record *results, const struct record *answer, int64_t began_ms)
{
	struct record *run = results_run(results);

	record_put_real(run, "kernel_s", record_real(answer, "kernel_s", 0));
	record_put_real(run, "duration_s", (double)(clock_ms() - began_ms) / 1000);
}

/* Without contact to vfsuite the state of the PF is unknown. */
static void add_unknown_state(const struct run *run, struct err *err)
{
	CLEANUP(cleanup_free) char *cause = text_format("%s", err->msg);
	int code = err->code;

	if (code != EPIPE && code != ETIMEDOUT && code != EPROTO)
		return;
	*err = (struct err){ 0 };
	err_set(err, code, "%.300s; the state of %s is not known", cause,
			record_str(rig_identity(run->rig), "pf", "the PF"));
}

static int run_checks(const struct run *run, const struct record *declared,
		const struct record *ids, struct record *results, struct err *err)
{
	CLEANUP(cleanup_record) struct record *pending = record_object();
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct execution execution = { .run = run,
		.declared = declared,
		.results = results,
		.pending = pending,
		.ids = ids,
		.scale = record_real(rig_identity(run->rig), "scale", 1),
		.began_ms = clock_ms() };
	int rc;

	for (size_t i = 0; i < record_length(ids); i++)
		record_put_bool(pending, record_text(record_at(ids, i)), true);
	rc = channel_send(rig_channel(run->rig), request_run(run, ids), &execution.request_id, err);
	if (!rc)
		rc = await_answer(&execution, &answer, err);
	if (!rc)
		rc = judge_answer(answer, err);
	if (execution.current) {
		CLEANUP(cleanup_free)
		char *reason = text_format("no verdict: %s", rc < 0 ? err->msg : "the run ended");

		add_broken(&execution, execution.current, reason);
	}
	if (rc < 0)
		add_unknown_state(run, err);
	finish_pending(&execution, rc == 0);
	put_times(results, answer, execution.began_ms);
	return rc;
}

static void drop_destroying(struct record **ids, const struct record *declared)
{
	struct record *kept = record_array();

	for (size_t i = 0; i < record_length(*ids); i++) {
		const char *id = record_text(record_at(*ids, i));

		if (!record_bool(select_find(declared, id), "spoils", false))
			record_add_str(kept, id);
	}
	record_free(*ids);
	*ids = kept;
}

int run_execute(const struct run *run, struct record *results, struct err *err)
{
	CLEANUP(cleanup_record) struct record *declared = NULL;
	CLEANUP(cleanup_record) struct record *ids = NULL;
	struct err cause = { 0 };
	int rc = request_hello(run, &cause);

	if (!rc)
		rc = request_checks(run, &declared, &cause);
	if (!rc)
		rc = select_checks(&run->selection, declared, &ids, &cause);
	if (!rc && run->skip_destroying)
		drop_destroying(&ids, declared);
	if (!rc)
		results_head_put(run, declared, results_run(results));
	if (!rc)
		rc = request_identity(run, results, &cause);
	if (!rc)
		rc = run_checks(run, declared, ids, results, &cause);
	if (rc < 0) {
		run_failed(results, &cause);
		return err_set(err, -rc, "%s", cause.msg);
	}
	record_put_bool(results_run(results), "complete", true);
	record_put_null(results_run(results), "why");
	return 0;
}

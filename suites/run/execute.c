/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/execute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "reports/results/results.h"
#include "run/reboot.h"
#include "run/request.h"
#include "run/results_head.h"

/*
 * The machine under test is not trusted. It may say at most one thing about each check that it was
 * asked to run, and only about the one that it has said to be running; anything else ends the run.
 * What has been found until then is kept, and the results never claim more.
 */

#define GRACE_S      60   /* beyond a check's own deadline: restoring what it changed */
#define SLICE_MS     1000 /* between two calls of wait() */
#define WISHES_LIMIT 100  /* that a check may have of the rig */
#define CHECK_LIMIT  3600 /* seconds that a check may claim */
#define BOOTS_LIMIT  1000 /* of the machine, for one check */

struct watch {
	const struct run *run;
	const struct record *declared;
	struct record *results;
	struct record *waiting; /* object: ids that have no verdict yet */
	const struct record *current;
	double scale;
	struct deadline deadline;
	int64_t began_ms, started_ms; /* the run, the current check */
	unsigned wishes, boots;       /* of the current check */
	const struct record *ids;     /* of the run */
	int64_t id;                   /* of the request that is being answered */
	bool cut;                     /* it has had the wire cut */
};

struct record *run_begin(const char *command, int64_t seed)
{
	struct record *run = record_object();
	time_t now = time(NULL);
	char started[32];
	struct tm utc;

	strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	record_put_str(run, "started", started);
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

static struct deadline deadline_of(const struct watch *watch)
{
	int64_t seconds = watch->current ? record_int(watch->current, "timeout_s", 60) : 0;

	seconds = seconds < 0 ? 0 : seconds > CHECK_LIMIT ? CHECK_LIMIT : seconds;
	return deadline_in((int64_t)(1000 * (double)(seconds + GRACE_S) * watch->scale));
}

static void settle(struct watch *watch, const struct record *declared, const struct record *result)
{
	const struct run *run = watch->run;
	const struct record *checks = record_get(watch->results, "checks");
	struct record *check;

	results_add(watch->results, declared, result, record_str(run->rig, "origin", "unknown"));
	check = (struct record *)record_at(checks, record_length(checks) - 1);
	if (declared == watch->current)
		record_put_real(check, "at_s",
				(double)(watch->started_ms - watch->began_ms) / 1000);
	quirks_apply_check(run->quirks, watch->results, check);
	record_put_null(watch->waiting, record_str(declared, "id", ""));
	if (run->events.end)
		run->events.end(run->events.argument, check);
}

static void settle_broken(struct watch *watch, const struct record *declared, const char *reason)
{
	CLEANUP(cleanup_record) struct record *result = record_object();

	record_put_str(result, "verdict", "broken");
	record_put_str(result, "reason", reason);
	if (declared == watch->current)
		record_put_real(result, "duration_s",
				(double)(clock_ms() - watch->started_ms) / 1000);
	settle(watch, declared, result);
}

static bool waits_for(const struct watch *watch, const char *id)
{
	return record_type(record_get(watch->waiting, id)) == RECORD_BOOL;
}

static int hear_start(
		struct watch *watch, const struct record *event, size_t total, struct err *err)
{
	const struct run_events *events = &watch->run->events;
	const char *id = record_str(event, "check", "");

	if (watch->current)
		return err_set(err, EPROTO, "vfsuite started '%.64s' while %s was running", id,
				record_str(watch->current, "id", ""));
	if (!waits_for(watch, id))
		return err_set(err, EPROTO, "vfsuite started '%.64s', which was not asked for", id);
	watch->current = select_find(watch->declared, id);
	watch->started_ms = clock_ms();
	watch->wishes = watch->boots = 0;
	if (events->start)
		events->start(events->argument, id,
				record_length(record_get(watch->results, "checks")), total);
	return 0;
}

static int hear_end(struct watch *watch, const struct record *event, struct err *err)
{
	const struct record *result = record_get(event, "result");
	const char *id = record_str(result, "id", "");
	int verdict = verdict_parse(record_str(result, "verdict", NULL));

	if (!watch->current || strcmp(record_str(watch->current, "id", ""), id))
		return err_set(err, EPROTO, "vfsuite reported '%.64s', which was not running", id);
	if (verdict < 0 || verdict > VERDICT_BROKEN)
		return err_set(err, EPROTO, "vfsuite gave '%.64s' as the verdict of %s",
				record_str(result, "verdict", ""), id);
	settle(watch, watch->current, result);
	watch->current = NULL;
	return 0;
}

static bool is_ignored(const struct run *run, const char *action)
{
	for (size_t i = 0; i < record_length(run->ignored); i++) {
		if (!strcmp(record_text(record_at(run->ignored, i)), action))
			return true;
	}
	return false;
}

/* The current check and those that wait, in the order in which they were asked for. */
static struct record *rest_of(const struct watch *watch)
{
	const char *current = record_str(watch->current, "id", "");
	struct record *rest = record_array();

	record_add_str(rest, current);
	for (size_t i = 0; i < record_length(watch->ids); i++) {
		const char *id = record_text(record_at(watch->ids, i));

		if (waits_for(watch, id) && strcmp(id, current))
			record_add_str(rest, id);
	}
	return rest;
}

/* A check asks for a reboot. */
static int resume_after_reboot(struct watch *watch, const struct record *event, struct err *err)
{
	CLEANUP(cleanup_record) struct record *rest = rest_of(watch);

	watch->cut = false;
	if (++watch->boots > BOOTS_LIMIT)
		return err_set(err, EPROTO, "%s boots the machine more than %d times",
				record_str(watch->current, "id", ""), BOOTS_LIMIT);
	return reboot_resume(watch->run, event, rest, &watch->id, err);
}

/* A check asks the rig for something. A refusal is the check's affair. */
static int hear_wish(struct watch *watch, const struct record *event, struct err *err)
{
	CLEANUP(cleanup_record) struct record *done = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	struct rig *actor = watch->run->actor;
	const char *action = record_str(event, "action", "");
	struct err refusal = { 0 };

	/* Functions that are broken for all of the run are so before the first check. */
	if (!watch->current && !record_length(watch->run->functions))
		return err_set(err, EPROTO, "vfsuite asks the rig for something between checks");
	if (actor && rig_action_reboots(action))
		return resume_after_reboot(watch, event, err);
	if (++watch->wishes > WISHES_LIMIT)
		return err_set(err, EPROTO, "%s asks the rig for more than %d things",
				record_str(watch->current, "id", "vfsuite"), WISHES_LIMIT);
	if (!actor)
		err_set(&refusal, ENOTSUP, "this rig does nothing when it is asked");
	else if (!is_ignored(watch->run, action) &&
			rig_act(actor, action, record_get(event, "arguments"), &refusal) == 0)
		watch->cut = !strcmp(action, "link-down") ||
				(watch->cut && strcmp(action, "link-up"));
	record_put_int(done, "id", watch->id);
	record_put_str(done, "op", "rig-done");
	record_put_bool(done, "ok", !refusal.code);
	record_put_str(done, "error", refusal.code ? refusal.msg : NULL);
	text = record_print(done);
	return channel_tell(run_channel(watch->run), text, err);
}

/* A check that was killed has not mended the wire. */
static int mend_wire(struct watch *watch, struct err *err)
{
	if (!watch->cut)
		return 0;
	watch->cut = false;
	return rig_act(watch->run->actor, "link-up", NULL, err);
}

/* Until the answer: 0 with ANSWER, or the cause of the end. */
static int hear_run(struct watch *watch, size_t total, struct record **answer, struct err *err)
{
	const struct run_events *events = &watch->run->events;

	watch->deadline = deadline_of(watch);
	for (;;) {
		CLEANUP(cleanup_record) struct record *message = NULL;
		int left = deadline_left(watch->deadline);
		struct err cause = { 0 };
		const char *event;
		bool slice = events->wait && left > SLICE_MS;
		int rc = channel_receive(run_channel(watch->run), watch->id,
				slice ? deadline_in(SLICE_MS) : watch->deadline, &message, &cause);

		if (rc == -ETIMEDOUT && slice) {
			events->wait(events->argument);
			continue;
		}
		if (rc < 0)
			return err_set(err, cause.code ? cause.code : -rc, "%s", cause.msg);
		event = record_str(message, "event", NULL);
		if (!event) {
			*answer = TAKE(message);
			return 0;
		}
		if (!strcmp(event, "check-start"))
			rc = hear_start(watch, message, total, err);
		else if (!strcmp(event, "check-end"))
			rc = hear_end(watch, message, err) < 0 ? -EPROTO : mend_wire(watch, err);
		else if (!strcmp(event, "rig"))
			rc = hear_wish(watch, message, err);
		if (rc < 0)
			return rc;
		if (strcmp(event, "rig") || record_get(message, "kept"))
			watch->deadline = deadline_of(watch);
	}
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

/* What has no verdict yet: broken where vfsuite claims to have run it, else named as not run. */
static void settle_rest(struct watch *watch, const struct record *ids, bool ended)
{
	struct record *not_run = record_array();

	for (size_t i = 0; i < record_length(ids); i++) {
		const char *id = record_text(record_at(ids, i));

		if (!waits_for(watch, id))
			continue;
		if (ended)
			settle_broken(watch, select_find(watch->declared, id),
					"vfsuite ended the run without a verdict");
		else
			record_add_str(not_run, id);
	}
	record_put(results_run(watch->results), "not_run", not_run);
}

static void put_times(struct record *results, const struct record *answer, int64_t began_ms)
{
	struct record *run = results_run(results);

	record_put_real(run, "kernel_s", record_real(answer, "kernel_s", 0));
	record_put_real(run, "duration_s", (double)(clock_ms() - began_ms) / 1000);
}

/* Who cannot be heard any more has not told what it left behind. */
static void tell_of_state(const struct run *run, struct err *err)
{
	CLEANUP(cleanup_free) char *cause = file_path("%s", err->msg);
	int code = err->code;

	if (code != EPIPE && code != ETIMEDOUT && code != EPROTO)
		return;
	*err = (struct err){ 0 };
	err_set(err, code, "%.300s; the state of %s is not known", cause,
			record_str(run->rig, "pf", "the PF"));
}

static int run_checks(const struct run *run, const struct record *declared,
		const struct record *ids, struct record *results, struct err *err)
{
	CLEANUP(cleanup_record) struct record *waiting = record_object();
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct watch watch = { .run = run,
		.declared = declared,
		.results = results,
		.waiting = waiting,
		.ids = ids,
		.scale = record_real(run->rig, "scale", 1),
		.began_ms = clock_ms() };
	int rc;

	for (size_t i = 0; i < record_length(ids); i++)
		record_put_bool(waiting, record_text(record_at(ids, i)), true);
	rc = channel_send(run_channel(run), request_run(run, ids), &watch.id, err);
	if (!rc)
		rc = hear_run(&watch, record_length(ids), &answer, err);
	if (!rc)
		rc = judge_answer(answer, err);
	if (watch.current) {
		CLEANUP(cleanup_free)
		char *reason = file_path("no verdict: %s", rc < 0 ? err->msg : "the run ended");

		settle_broken(&watch, watch.current, reason);
	}
	if (rc < 0)
		tell_of_state(run, err);
	settle_rest(&watch, ids, rc == 0);
	put_times(results, answer, watch.began_ms);
	return rc;
}

/* What spoils the rig can only be the end of the last run on it. */
static void spare(struct record **ids, const struct record *declared)
{
	struct record *rest = record_array();

	for (size_t i = 0; i < record_length(*ids); i++) {
		const char *id = record_text(record_at(*ids, i));

		if (!record_bool(select_find(declared, id), "spoils", false))
			record_add_str(rest, id);
	}
	record_free(*ids);
	*ids = rest;
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
	if (!rc && run->sparing)
		spare(&ids, declared);
	if (!rc)
		results_head_put(run, declared, results_run(results));
	if (!rc)
		rc = request_identity(run, results, &cause);
	if (!rc)
		rc = run_checks(run, declared, ids, results, &cause);
	results_summarize(results);
	if (rc < 0) {
		run_failed(results, &cause);
		return err_set(err, -rc, "%s", cause.msg);
	}
	record_put_bool(results_run(results), "complete", true);
	record_put_null(results_run(results), "why");
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfcert/conduct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "reports/results.h"
#include "vfcert/crossing.h"
#include "vfcert/suite.h"

/*
 * The machine under test is not trusted. It may say at most one thing about each check that it was
 * asked to run, and only about the one that it has said to be running; anything else ends the run.
 * What has been found until then is kept, and the results never claim more.
 */

#define ANSWER_MS    20000 /* for a question, at scale 1 */
#define GRACE_S      60    /* beyond a check's own deadline: restoring what it changed */
#define SLICE_MS     1000  /* between two calls of wait() */
#define WISHES_LIMIT 100   /* that a check may have of the rig */
#define CHECK_LIMIT  3600  /* seconds that a check may claim */
#define BOOTS_LIMIT  1000  /* of the machine, for one check */

struct watch {
	const struct conduct *conduct;
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

struct record *conduct_begin(const char *command, int64_t seed)
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

void conduct_failed(struct record *results, const struct err *err)
{
	record_put_bool(results_run(results), "complete", false);
	record_put_str(results_run(results), "why", err->msg);
}

static struct record *request(const char *op)
{
	struct record *asked = record_object();

	record_put_str(asked, "op", op);
	return asked;
}

/* After a boot of the machine it is another one. */
static struct channel *channel_of(const struct conduct *conduct)
{
	return conduct->actor ? rig_channel(conduct->actor) : conduct->channel;
}

static struct deadline answer_deadline(const struct conduct *conduct)
{
	return deadline_in((int64_t)(ANSWER_MS * record_real(conduct->rig, "scale", 1)));
}

static int ask(const struct conduct *conduct, struct record *asked, struct record **answer,
		const char *what, struct err *err)
{
	int rc = channel_ask(channel_of(conduct), asked, answer_deadline(conduct), answer, err);

	if (rc < 0)
		err_prefix(err, "cannot ask vfsuite %s: ", what);
	return rc;
}

/* An answer of a former vfsuite must not be taken for this one's. */
int conduct_greet(const struct conduct *conduct, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct record *hello = request("hello");
	uint64_t random = 0;
	char nonce[17];
	int rc;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (uint64_t)clock_us();
	snprintf(nonce, sizeof(nonce), "%016llx", (unsigned long long)random);
	record_put_str(hello, "nonce", nonce);
	rc = ask(conduct, hello, &answer, "whether it is there", err);
	if (rc < 0)
		return rc;
	if (strcmp(record_str(answer, "nonce", ""), nonce))
		return err_set(err, EPROTO, "vfsuite answered another question than was asked");
	return 0;
}

static int ask_checks(const struct conduct *conduct, struct record **declared, struct err *err)
{
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc = ask(conduct, request("checks"), &answer, "for its checks", err);

	if (!rc)
		rc = select_validate(record_get(answer, "checks"), err);
	if (!rc)
		*declared = record_copy(record_get(answer, "checks"));
	return rc;
}

/* Members of vfsuite's own, and the rig as the controller knows it: the machine under test does not
 * say whether it is emulated. */
static int ask_identity(const struct conduct *conduct, struct record *results, struct err *err)
{
	static const char *const parts[] = { "card", "software", "platform", "unit",
		"config_digest", "config_bytes" };
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct record *question = request("identify"), *identity;
	const struct record *heard;
	int rc;

	if (conduct->identity) {
		record_free(question);
		record_put(results, "identity", record_copy(conduct->identity));
		return 0;
	}
	record_put_str(question, "pf", record_str(conduct->rig, "pf", NULL));
	suite_put_salt(question);
	rc = ask(conduct, question, &answer, "what the card is", err);
	if (rc < 0)
		return rc;
	heard = record_get(answer, "identity");
	if (record_type(heard) != RECORD_OBJECT)
		return err_set(err, EPROTO, "vfsuite does not say what the card is");
	identity = record_object();
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (record_get(heard, parts[i]))
			record_put(identity, parts[i], record_copy(record_get(heard, parts[i])));
	}
	record_put(identity, "rig", record_copy(conduct->rig));
	record_put(results, "identity", identity);
	return 0;
}

struct record *conduct_request(const struct conduct *conduct, const struct record *ids)
{
	static const char *const after[] = { "restore", "keep", "leave" };
	struct record *asked = request("run");

	record_put_str(asked, "pf", record_str(conduct->rig, "pf", NULL));
	record_put_str(asked, "partner", record_str(conduct->rig, "partner", NULL));
	record_put(asked, "checks",
			conduct->shuffle ? select_shuffle(ids, (uint64_t)conduct->seed)
					 : record_copy(ids));
	record_put_str(asked, "after", after[conduct->after]);
	record_put_int(asked, "seed", conduct->seed);
	record_put_real(asked, "scale", record_real(conduct->rig, "scale", 1));
	record_put(asked, "actions",
			conduct->actor ? record_copy(rig_actions(conduct->actor)) : record_array());
	record_put(asked, "pretend",
			conduct->pretended ? record_copy(conduct->pretended) : record_array());
	record_put(asked, "registers",
			conduct->registers ? record_copy(conduct->registers) : record_array());
	record_put(asked, "config",
			conduct->config ? record_copy(conduct->config) : record_array());
	record_put(asked, "functions",
			conduct->functions ? record_copy(conduct->functions) : record_array());
	return asked;
}

static struct deadline deadline_of(const struct watch *watch)
{
	int64_t seconds = watch->current ? record_int(watch->current, "timeout_s", 60) : 0;

	seconds = seconds < 0 ? 0 : seconds > CHECK_LIMIT ? CHECK_LIMIT : seconds;
	return deadline_in((int64_t)(1000 * (double)(seconds + GRACE_S) * watch->scale));
}

static void settle(struct watch *watch, const struct record *declared, const struct record *result)
{
	const struct conduct *conduct = watch->conduct;
	const struct record *checks = record_get(watch->results, "checks");
	struct record *check;

	results_add(watch->results, declared, result,
			record_str(conduct->rig, "origin", "unknown"));
	check = (struct record *)record_at(checks, record_length(checks) - 1);
	if (declared == watch->current)
		record_put_real(check, "at_s",
				(double)(watch->started_ms - watch->began_ms) / 1000);
	quirks_apply_check(conduct->quirks, watch->results, check);
	record_put_null(watch->waiting, record_str(declared, "id", ""));
	if (conduct->events.end)
		conduct->events.end(conduct->events.argument, check);
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
	const struct conduct_events *events = &watch->conduct->events;
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
	int verdict = results_verdict(record_str(result, "verdict", NULL));

	if (!watch->current || strcmp(record_str(watch->current, "id", ""), id))
		return err_set(err, EPROTO, "vfsuite reported '%.64s', which was not running", id);
	if (verdict < 0 || verdict > RESULT_BROKEN)
		return err_set(err, EPROTO, "vfsuite gave '%.64s' as the verdict of %s",
				record_str(result, "verdict", ""), id);
	settle(watch, watch->current, result);
	watch->current = NULL;
	return 0;
}

static bool is_ignored(const struct conduct *conduct, const char *action)
{
	for (size_t i = 0; i < record_length(conduct->ignored); i++) {
		if (!strcmp(record_text(record_at(conduct->ignored, i)), action))
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

/* A check crosses a boot. */
static int hear_crossing(struct watch *watch, const struct record *event, struct err *err)
{
	CLEANUP(cleanup_record) struct record *rest = rest_of(watch);

	watch->cut = false;
	if (++watch->boots > BOOTS_LIMIT)
		return err_set(err, EPROTO, "%s boots the machine more than %d times",
				record_str(watch->current, "id", ""), BOOTS_LIMIT);
	return crossing_make(watch->conduct, event, rest, &watch->id, err);
}

/* A check asks the rig for something. A refusal is the check's affair. */
static int hear_wish(struct watch *watch, const struct record *event, struct err *err)
{
	CLEANUP(cleanup_record) struct record *done = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	struct rig *actor = watch->conduct->actor;
	const char *action = record_str(event, "action", "");
	struct err refusal = { 0 };

	/* Functions that are broken for all of the run are so before the first check. */
	if (!watch->current && !record_length(watch->conduct->functions))
		return err_set(err, EPROTO, "vfsuite asks the rig for something between checks");
	if (actor && rig_crosses(action))
		return hear_crossing(watch, event, err);
	if (++watch->wishes > WISHES_LIMIT)
		return err_set(err, EPROTO, "%s asks the rig for more than %d things",
				record_str(watch->current, "id", "vfsuite"), WISHES_LIMIT);
	if (!actor)
		err_set(&refusal, ENOTSUP, "this rig does nothing when it is asked");
	else if (!is_ignored(watch->conduct, action) &&
			rig_act(actor, action, record_get(event, "arguments"), &refusal) == 0)
		watch->cut = !strcmp(action, "link-down") ||
				(watch->cut && strcmp(action, "link-up"));
	record_put_int(done, "id", watch->id);
	record_put_str(done, "op", "rig-done");
	record_put_bool(done, "ok", !refusal.code);
	record_put_str(done, "error", refusal.code ? refusal.msg : NULL);
	text = record_print(done);
	return channel_tell(channel_of(watch->conduct), text, err);
}

/* A check that was killed has not mended the wire. */
static int mend_wire(struct watch *watch, struct err *err)
{
	if (!watch->cut)
		return 0;
	watch->cut = false;
	return rig_act(watch->conduct->actor, "link-up", NULL, err);
}

/* Until the answer: 0 with ANSWER, or the cause of the end. */
static int hear_run(struct watch *watch, size_t total, struct record **answer, struct err *err)
{
	const struct conduct_events *events = &watch->conduct->events;

	watch->deadline = deadline_of(watch);
	for (;;) {
		CLEANUP(cleanup_record) struct record *message = NULL;
		int left = deadline_left(watch->deadline);
		struct err cause = { 0 };
		const char *event;
		bool slice = events->wait && left > SLICE_MS;
		int rc = channel_receive(channel_of(watch->conduct), watch->id,
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
	return err_set(err, ECANCELED, "vfsuite gave up: %.300s",
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

static int run_checks(const struct conduct *conduct, const struct record *declared,
		const struct record *ids, struct record *results, struct err *err)
{
	CLEANUP(cleanup_record) struct record *waiting = record_object();
	CLEANUP(cleanup_record) struct record *answer = NULL;
	struct watch watch = { .conduct = conduct,
		.declared = declared,
		.results = results,
		.waiting = waiting,
		.ids = ids,
		.scale = record_real(conduct->rig, "scale", 1),
		.began_ms = clock_ms() };
	int rc;

	for (size_t i = 0; i < record_length(ids); i++)
		record_put_bool(waiting, record_text(record_at(ids, i)), true);
	rc = channel_send(channel_of(conduct), conduct_request(conduct, ids), &watch.id, err);
	if (!rc)
		rc = hear_run(&watch, record_length(ids), &answer, err);
	if (!rc)
		rc = judge_answer(answer, err);
	if (watch.current) {
		CLEANUP(cleanup_free)
		char *reason = file_path("no verdict: %s", rc < 0 ? err->msg : "the run ended");

		settle_broken(&watch, watch.current, reason);
	}
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

int conduct_run(const struct conduct *conduct, struct record *results, struct err *err)
{
	CLEANUP(cleanup_record) struct record *declared = NULL;
	CLEANUP(cleanup_record) struct record *ids = NULL;
	struct err cause = { 0 };
	int rc = conduct_greet(conduct, &cause);

	if (!rc)
		rc = ask_checks(conduct, &declared, &cause);
	if (!rc)
		rc = select_checks(&conduct->selection, declared, &ids, &cause);
	if (!rc && conduct->sparing)
		spare(&ids, declared);
	if (!rc)
		suite_put(conduct, declared, results_run(results));
	if (!rc)
		rc = ask_identity(conduct, results, &cause);
	if (!rc)
		rc = run_checks(conduct, declared, ids, results, &cause);
	results_summarize(results);
	if (rc < 0) {
		conduct_failed(results, &cause);
		return err_set(err, -rc, "%s", cause.msg);
	}
	record_put_bool(results_run(results), "complete", true);
	record_put_null(results_run(results), "why");
	return 0;
}

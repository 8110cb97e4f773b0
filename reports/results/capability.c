/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/capability.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

const char *const capability_states[CAPABILITY_STATES] = { "certified", "certified with quirks",
	"failed", "stale", "not tested", "not supported" };

/* Why a capability is in a state. No cause: nothing was found. */
struct finding {
	enum capability_state state;
	const char *cause;
	char reason[600];
};

/*
 * One capability while its checks are read. The first finding of each kind counts; evidence against
 * the card outweighs lack of knowledge.
 */
struct assessment {
	const struct capability *capability;
	bool *ran;           /* for each mandatory check */
	int64_t pass, total; /* of its checks */
	struct record *quirks;
	struct finding failed, unsupported, doubtful;
};

/* The run that the checks belong to. */
struct assessed_run {
	struct results_reader *reader;
	const char *origin;          /* of the rig */
	const struct record *differ; /* the checks that differed between the rounds */
};

static void find(struct finding *finding, enum capability_state state, const char *cause,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static void find(struct finding *finding, enum capability_state state, const char *cause,
		const char *format, ...)
{
	va_list args;

	if (finding->cause)
		return;
	finding->state = state;
	finding->cause = cause;
	va_start(args, format);
	vsnprintf(finding->reason, sizeof(finding->reason), format, args);
	va_end(args);
}

/* Marks the check as run if it is mandatory, and returns whether it is. */
static bool mark_mandatory(struct assessment *assessment, const char *id)
{
	const struct record *mandatory = assessment->capability->mandatory;

	for (size_t i = 0; i < record_length(mandatory); i++) {
		if (!strcmp(record_text(record_at(mandatory, i)), id))
			return assessment->ran[i] = true;
	}
	return false;
}

static bool differs(const struct record *differ, const char *id)
{
	for (size_t i = 0; i < record_length(differ); i++) {
		if (!strcmp(record_str(record_at(differ, i), "id", ""), id))
			return true;
	}
	return false;
}

static const char *reason_of(const struct check_result *check)
{
	return check->reason ? check->reason : "no reason is given";
}

static void find_failure(struct finding *finding, const struct check_result *check, bool mandatory)
{
	if (check->verdict == VERDICT_FAIL)
		find(finding, CAPABILITY_FAILED, "failing-check", "%s fails: %s", check->id,
				reason_of(check));
	if (check->verdict == VERDICT_CHANGED)
		find(finding, CAPABILITY_FAILED, "changed-check", "%s has changed: %s", check->id,
				reason_of(check));
	if (check->verdict == VERDICT_KNOWN && mandatory)
		find(finding, CAPABILITY_FAILED, "failing-check",
				"%s is mandatory, and is known to fail: %s", check->id,
				reason_of(check));
}

static void find_doubt(struct finding *finding, const struct assessed_run *run,
		const struct check_result *check, bool mandatory)
{
	enum capability_state state = CAPABILITY_NOT_TESTED;

	if (check->verdict == VERDICT_BROKEN)
		find(finding, state, "broken-check", "%s is broken: %s", check->id,
				reason_of(check));
	if (strcmp(check->origin, run->origin))
		find(finding, state, "mixed-origin", "%s is of another origin than the rig",
				check->id);
	if (differs(run->differ, check->id))
		find(finding, state, "unsteady-check", "%s was not the same in all rounds",
				check->id);
	if (mandatory && check->verdict == VERDICT_SKIP)
		find(finding, state, "skipped-check", "%s was skipped: %s", check->id,
				reason_of(check));
	/* The guest is not trusted: its report alone is no evidence about the host. */
	if (mandatory && check_result_by_guest(check))
		find(finding, state, "guest-only", "%s stands on the guest's word alone",
				check->id);
}

/* A pass that is not mandatory changes nothing unless it is in doubt. Most checks are plain, so
 * they are not parsed. */
static bool is_plain(const struct assessed_run *run, size_t index, bool mandatory)
{
	return !mandatory && reader_verdict(run->reader, index) == VERDICT_PASS &&
			!strcmp(reader_origin(run->reader, index), run->origin) &&
			!differs(run->differ, reader_id(run->reader, index));
}

static void assess_check(
		struct assessment *assessment, const struct assessed_run *run, size_t index)
{
	bool mandatory = mark_mandatory(assessment, reader_id(run->reader, index));
	const struct check_result *check;

	assessment->total++;
	assessment->pass += reader_verdict(run->reader, index) == VERDICT_PASS;
	if (is_plain(run, index, mandatory))
		return;
	check = reader_check(run->reader, index);
	find_failure(&assessment->failed, check, mandatory);
	if (mandatory && check_result_unsupported(check))
		find(&assessment->unsupported, CAPABILITY_NOT_SUPPORTED, "not-supported", "%s: %s",
				check->id, reason_of(check));
	find_doubt(&assessment->doubtful, run, check, mandatory);
	if (check->verdict == VERDICT_KNOWN && check->quirk &&
			!record_has_text(assessment->quirks, check->quirk))
		record_add_str(assessment->quirks, check->quirk);
}

/* Finds what keeps the run as a whole from saying anything about the capability. */
static void find_gap(struct finding *finding, const struct assessment *assessment,
		const struct record *run)
{
	const struct record *mandatory = assessment->capability->mandatory;
	enum capability_state state = CAPABILITY_NOT_TESTED;
	const char *first = NULL;
	size_t missing = 0;

	for (size_t i = 0; i < record_length(mandatory); i++) {
		if (!assessment->ran[i] && !missing++)
			first = record_text(record_at(mandatory, i));
	}
	if (!record_length(mandatory))
		find(finding, state, "no-check", "no check is mandatory for it yet");
	if (!assessment->total)
		find(finding, state, "missing-check", "none of its checks ran");
	if (!record_bool(run, "complete", false))
		find(finding, state, "incomplete-run", "the run did not end: %s",
				record_str(run, "why", "it is not said why"));
	if (missing)
		find(finding, state, "missing-check", "%zu mandatory check%s did not run, first %s",
				missing, missing > 1 ? "s" : "", first);
}

static struct finding conclude(const struct assessment *assessment, const struct record *run)
{
	size_t quirks = record_length(assessment->quirks);
	struct finding gap = { 0 }, good = { .state = CAPABILITY_CERTIFIED };

	find_gap(&gap, assessment, run);
	if (assessment->failed.cause)
		return assessment->failed;
	if (assessment->unsupported.cause)
		return assessment->unsupported;
	if (gap.cause)
		return gap;
	if (assessment->doubtful.cause)
		return assessment->doubtful;
	if (quirks)
		find(&good, CAPABILITY_QUIRKS, "quirks", "%zu quirk%s, first %s", quirks,
				quirks > 1 ? "s" : "",
				record_text(record_at(assessment->quirks, 0)));
	return good;
}

static struct record *entry_of(struct assessment *assessment, const struct assessed_run *run)
{
	struct finding finding = conclude(assessment, record_get(reader_head(run->reader), "run"));
	struct record *entry = record_object();

	record_put_str(entry, "id", assessment->capability->id);
	record_put_str(entry, "title", assessment->capability->title);
	record_put_str(entry, "state", capability_states[finding.state]);
	record_put_str(entry, "cause", finding.cause);
	record_put_str(entry, "reason", finding.cause ? finding.reason : NULL);
	record_put_bool(entry, "required", assessment->capability->required);
	record_put_str(entry, "origin", run->origin);
	record_put_int(entry, "pass", assessment->pass);
	record_put_int(entry, "total", assessment->total);
	record_put(entry, "quirks", TAKE(assessment->quirks));
	return entry;
}

static void begin(struct assessment *assessment, const struct capability *capability)
{
	*assessment = (struct assessment){ .capability = capability,
		.ran = calloc(record_length(capability->mandatory) + 1, sizeof(bool)),
		.quirks = record_array() };
	if (!assessment->ran)
		abort();
}

struct record *capability_assess(
		const struct certification_profile *profile, struct results_reader *reader)
{
	const struct record *head = reader_head(reader);
	const struct record *rig = record_get(record_get(head, "identity"), "rig");
	const struct record *rounds = record_get(record_get(head, "run"), "rounds");
	struct assessed_run run = { reader, record_str(rig, "origin", "unknown"),
		record_get(rounds, "differ") };
	CLEANUP(cleanup_free)
	struct assessment *list = calloc(profile->count + 1, sizeof(*list));
	struct record *array = record_array();

	if (!list)
		abort();
	for (size_t i = 0; i < profile->count; i++)
		begin(&list[i], &profile->list[i]);
	for (size_t i = 0; i < reader_length(reader); i++) {
		const struct capability *capability =
				cert_profile_capability(profile, reader_id(reader, i));

		if (capability)
			assess_check(&list[capability - profile->list], &run, i);
	}
	for (size_t i = 0; i < profile->count; i++) {
		record_add(array, entry_of(&list[i], &run));
		free(list[i].ran);
	}
	return array;
}

enum capability_state capability_state(const struct record *entry)
{
	const char *word = record_str(entry, "state", "");

	for (int i = 0; i < CAPABILITY_STATES; i++) {
		if (!strcmp(word, capability_states[i]))
			return (enum capability_state)i;
	}
	return CAPABILITY_NOT_TESTED;
}

const struct record *capability_find(const struct record *array, const char *id)
{
	for (size_t i = 0; i < record_length(array); i++) {
		if (!strcmp(record_str(record_at(array, i), "id", ""), id))
			return record_at(array, i);
	}
	return NULL;
}

const char *capability_drift(const struct record *certified, const struct record *now)
{
	static const char *const members[] = { "kernel", "firmware", "driver", "driver_version" };
	const struct record *then = record_get(certified, "software");
	const struct record *today = record_get(now, "software");

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if (strcmp(record_str(then, members[i], ""), record_str(today, members[i], "")))
			return members[i];
	}
	return NULL;
}

void capability_age(struct record *array, const struct record *certified, const struct record *now)
{
	const char *member = capability_drift(certified, now);

	for (size_t i = 0; member && i < record_length(array); i++) {
		struct record *entry = record_edit_at(array, i);

		if (capability_state(entry) > CAPABILITY_QUIRKS)
			continue;
		record_put_str(entry, "state", capability_states[CAPABILITY_STALE]);
		record_put_str(entry, "cause", "stale");
		record_put_strf(entry, "reason", "certified with %s %s, and it is %s now", member,
				record_str(record_get(certified, "software"), member, "unknown"),
				record_str(record_get(now, "software"), member, "unknown"));
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/capability.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "reports/results/results.h"

/*
 * One capability while it is judged. Each rule is asked in its turn, and the first that speaks decides:
 * what speaks against the card comes before what says that nothing is known.
 */
struct judgement {
	const struct capability *capability;
	const struct record *results;
	const struct record **checks; /* those of the capability */
	size_t count;
	struct record *missing; /* mandatory ids that have no verdict */
	struct record *quirks;
	enum capability_state state;
	const char *cause;
	char reason[600];
};

const char *const capability_states[CAPABILITY_STATES] = { "certified", "certified with quirks",
	"failed", "stale", "not tested", "not supported" };

static bool decide(struct judgement *judgement, enum capability_state state, const char *cause,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static bool decide(struct judgement *judgement, enum capability_state state, const char *cause,
		const char *format, ...)
{
	va_list args;

	judgement->state = state;
	judgement->cause = cause;
	va_start(args, format);
	vsnprintf(judgement->reason, sizeof(judgement->reason), format, args);
	va_end(args);
	return true;
}

static bool has_text(const struct record *array, const char *text)
{
	for (size_t i = 0; i < record_length(array); i++) {
		const char *item = record_text(record_at(array, i));

		if (item && !strcmp(item, text))
			return true;
	}
	return false;
}

static const char *id_of(const struct record *check)
{
	return record_str(check, "id", "");
}

static int verdict_of(const struct record *check)
{
	return verdict_parse(record_str(check, "verdict", NULL));
}

static const char *reason_of(const struct record *check)
{
	return record_str(check, "reason", "no reason is given");
}

static bool is_mandatory(const struct judgement *judgement, const struct record *check)
{
	return has_text(judgement->capability->mandatory, id_of(check));
}

/* The guest is not trusted: what only it has said is not evidence of the host. */
static bool is_guests_word(const struct record *check)
{
	const struct record *evidence = record_get(check, "evidence");
	size_t count = record_length(evidence);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(record_str(record_at(evidence, i), "by", "host"), "guest"))
			return false;
	}
	return count > 0;
}

/* Is asked for each check of the capability. */
typedef bool asks(struct judgement *judgement, const struct record *check);

static bool rule_failed(struct judgement *judgement, const struct record *check)
{
	if (verdict_of(check) == VERDICT_FAIL)
		return decide(judgement, CAPABILITY_FAILED, "failing-check", "%s fails: %s",
				id_of(check), reason_of(check));
	if (verdict_of(check) == VERDICT_CHANGED)
		return decide(judgement, CAPABILITY_FAILED, "changed-check", "%s has changed: %s",
				id_of(check), reason_of(check));
	if (verdict_of(check) == VERDICT_KNOWN && is_mandatory(judgement, check))
		return decide(judgement, CAPABILITY_FAILED, "failing-check",
				"%s is mandatory, and is known to fail: %s", id_of(check),
				reason_of(check));
	return false;
}

static bool rule_unsupported(struct judgement *judgement, const struct record *check)
{
	return is_mandatory(judgement, check) && results_unsupported(check) &&
			decide(judgement, CAPABILITY_NOT_SUPPORTED, "not-supported", "%s: %s",
					id_of(check), reason_of(check));
}

static bool differs(const struct record *results, const char *id)
{
	const struct record *rounds = record_get(record_get(results, "run"), "rounds");
	const struct record *differ = record_get(rounds, "differ");

	for (size_t i = 0; i < record_length(differ); i++) {
		if (!strcmp(id_of(record_at(differ, i)), id))
			return true;
	}
	return false;
}

static const char *origin_of(const struct record *results)
{
	const struct record *rig = record_get(record_get(results, "identity"), "rig");

	return record_str(rig, "origin", "unknown");
}

static bool rule_doubtful(struct judgement *judgement, const struct record *check)
{
	enum capability_state state = CAPABILITY_NOT_TESTED;
	const char *id = id_of(check);

	if (verdict_of(check) == VERDICT_BROKEN)
		return decide(judgement, state, "broken-check", "%s is broken: %s", id,
				reason_of(check));
	if (strcmp(record_str(check, "origin", ""), origin_of(judgement->results)))
		return decide(judgement, state, "mixed-origin",
				"%s is of another origin than the rig", id);
	if (differs(judgement->results, id))
		return decide(judgement, state, "unsteady-check",
				"%s was not the same in all rounds", id);
	if (!is_mandatory(judgement, check))
		return false;
	if (verdict_of(check) == VERDICT_SKIP)
		return decide(judgement, state, "skipped-check", "%s was skipped: %s", id,
				reason_of(check));
	if (is_guests_word(check))
		return decide(judgement, state, "guest-only", "%s stands on the guest's word alone",
				id);
	return false;
}

static bool rule_quirk(struct judgement *judgement, const struct record *check)
{
	const char *quirk = record_str(check, "quirk", NULL);

	if (verdict_of(check) == VERDICT_KNOWN && quirk && !has_text(judgement->quirks, quirk))
		record_add_str(judgement->quirks, quirk);
	return false;
}

static bool ask(struct judgement *judgement, asks *rule)
{
	for (size_t i = 0; i < judgement->count; i++) {
		if (rule(judgement, judgement->checks[i]))
			return true;
	}
	return false;
}

static bool has_check(const struct judgement *judgement, const char *id)
{
	for (size_t i = 0; i < judgement->count; i++) {
		if (!strcmp(id_of(judgement->checks[i]), id))
			return true;
	}
	return false;
}

static void find_missing(struct judgement *judgement)
{
	const struct record *mandatory = judgement->capability->mandatory;

	for (size_t i = 0; i < record_length(mandatory); i++) {
		const char *id = record_text(record_at(mandatory, i));

		if (!has_check(judgement, id))
			record_add_str(judgement->missing, id);
	}
}

/* Whether the run as a whole says anything of the capability. */
static bool is_unfinished(struct judgement *judgement)
{
	const struct record *run = record_get(judgement->results, "run");
	enum capability_state state = CAPABILITY_NOT_TESTED;
	size_t missing = record_length(judgement->missing);

	if (!record_length(judgement->capability->mandatory))
		return decide(judgement, state, "no-check", "no check is mandatory for it yet");
	if (!judgement->count)
		return decide(judgement, state, "missing-check", "none of its checks ran");
	if (!record_bool(run, "complete", false))
		return decide(judgement, state, "incomplete-run", "the run did not end: %s",
				record_str(run, "why", "it is not said why"));
	if (missing)
		return decide(judgement, state, "missing-check",
				"%zu mandatory check%s did not run, first %s", missing,
				missing > 1 ? "s" : "",
				record_text(record_at(judgement->missing, 0)));
	return false;
}

static void judge(struct judgement *judgement)
{
	size_t quirks;

	ask(judgement, rule_quirk);
	find_missing(judgement);
	if (ask(judgement, rule_failed) || ask(judgement, rule_unsupported) ||
			is_unfinished(judgement) || ask(judgement, rule_doubtful))
		return;
	quirks = record_length(judgement->quirks);
	if (quirks)
		decide(judgement, CAPABILITY_QUIRKS, "quirks", "%zu quirk%s, first %s", quirks,
				quirks > 1 ? "s" : "",
				record_text(record_at(judgement->quirks, 0)));
	else
		judgement->state = CAPABILITY_CERTIFIED;
}

static struct record *entry_of(const struct judgement *judgement)
{
	struct record *entry = record_object(), *ids = record_array();

	for (size_t i = 0; i < judgement->count; i++)
		record_add_str(ids, id_of(judgement->checks[i]));
	record_put_str(entry, "id", judgement->capability->id);
	record_put_str(entry, "title", judgement->capability->title);
	record_put_str(entry, "state", capability_states[judgement->state]);
	record_put_str(entry, "cause", judgement->cause);
	record_put_str(entry, "reason", *judgement->reason ? judgement->reason : NULL);
	record_put_bool(entry, "required", judgement->capability->required);
	record_put_str(entry, "origin", origin_of(judgement->results));
	record_put(entry, "checks", ids);
	record_put(entry, "missing", judgement->missing);
	record_put(entry, "quirks", judgement->quirks);
	return entry;
}

/* The capability of each check, found once. */
static const struct capability **assign_checks(
		const struct certification_profile *profile, const struct record *checks)
{
	size_t count = record_length(checks);
	const struct capability **of = calloc(count + 1, sizeof(struct capability *));

	if (!of)
		abort();
	for (size_t i = 0; i < count; i++)
		of[i] = cert_profile_capability(profile, id_of(record_at(checks, i)));
	return of;
}

static void take_checks(struct judgement *judgement, const struct capability *const *of)
{
	const struct record *checks = record_get(judgement->results, "checks");

	for (size_t i = 0; i < record_length(checks); i++) {
		if (of[i] == judgement->capability)
			judgement->checks[judgement->count++] = record_at(checks, i);
	}
}

struct record *capability_assess(
		const struct certification_profile *profile, const struct record *results)
{
	struct record *array = record_array();
	const struct record *all = record_get(results, "checks");
	CLEANUP(cleanup_free) const struct capability **of = assign_checks(profile, all);
	CLEANUP(cleanup_free)
	const struct record **checks = calloc(record_length(all) + 1, sizeof(struct record *));

	if (!checks)
		abort();
	for (size_t i = 0; i < profile->count; i++) {
		struct judgement judgement = { .capability = &profile->list[i],
			.results = results,
			.checks = checks,
			.missing = record_array(),
			.quirks = record_array() };

		take_checks(&judgement, of);
		judge(&judgement);
		record_add(array, entry_of(&judgement));
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
		if (!strcmp(id_of(record_at(array, i)), id))
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
		struct record *entry = (struct record *)record_at(array, i);

		if (capability_state(entry) > CAPABILITY_QUIRKS)
			continue;
		record_put_str(entry, "state", capability_states[CAPABILITY_STALE]);
		record_put_str(entry, "cause", "stale");
		record_put_strf(entry, "reason", "certified with %s %s, and it is %s now", member,
				record_str(record_get(certified, "software"), member, "unknown"),
				record_str(record_get(now, "software"), member, "unknown"));
	}
}

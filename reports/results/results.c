/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/results.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * Results are built here and nowhere else, so that each record has all of the members of the schema
 * in the same order. A check stands in them at most once.
 */

#define SCHEMA "vfcert-results/1"

struct record *results_new(struct record *run, struct record *identity)
{
	struct record *results = record_object();

	record_put_str(results, "schema", SCHEMA);
	record_put(results, "run", run);
	record_put(results, "identity", identity);
	record_put(results, "summary", record_object());
	record_put(results, "checks", record_array());
	results_summarize(results);
	return results;
}

struct record *results_run(struct record *results)
{
	return (struct record *)record_get(results, "run");
}

/* Numbers, text and truth values pass as they are; anything deeper has no place in a report. */
static bool is_scalar(const struct record *value)
{
	enum record_type type = record_type(value);

	return type == RECORD_BOOL || type == RECORD_NUMBER || type == RECORD_TEXT;
}

static struct record *evidence_taken(const struct record *evidence)
{
	struct record *taken = record_array();

	for (size_t i = 0; i < record_length(evidence); i++) {
		const struct record *item = record_at(evidence, i);
		const struct record *value = record_get(item, "value");
		struct record *fact;

		if (!record_str(item, "name", NULL) || !is_scalar(value))
			continue;
		fact = record_object();
		record_put_str(fact, "name", record_str(item, "name", NULL));
		record_put(fact, "value", record_copy(value));
		record_put_str(fact, "unit", record_str(item, "unit", NULL));
		if (!strcmp(record_str(item, "by", ""), "guest"))
			record_put_str(fact, "by", "guest");
		record_add(taken, fact);
	}
	return taken;
}

static struct record *log_taken(const struct record *log)
{
	struct record *taken = record_array();

	for (size_t i = 0; i < record_length(log); i++) {
		if (record_text(record_at(log, i)))
			record_add_str(taken, record_text(record_at(log, i)));
	}
	return taken;
}

static double seconds_of(const struct record *result, const char *key)
{
	double seconds = record_real(result, key, 0);

	return seconds > 0 ? seconds : 0;
}

void results_add(struct record *results, const struct record *declared, const struct record *result,
		const char *origin)
{
	struct record *check = record_object();
	const char *verdict = record_str(result, "verdict", NULL);
	bool known_word = verdict_parse(verdict) >= 0;

	record_put_str(check, "id", record_str(declared, "id", "?"));
	record_put_str(check, "suite", record_str(declared, "suite", "?"));
	record_put_str(check, "title", record_str(declared, "title", ""));
	record_put_str(check, "verdict", known_word ? verdict : "broken");
	record_put_str(check, "reason",
			known_word ? record_str(result, "reason", NULL)
				   : "vfsuite gave no verdict");
	if (!strcmp(record_str(check, "verdict", ""), "skip") && record_str(result, "need", NULL))
		record_put_str(check, "need", record_str(result, "need", NULL));
	record_put_null(check, "quirk");
	record_put_str(check, "origin", origin);
	record_put_real(check, "duration_s", seconds_of(result, "duration_s"));
	record_put_real(check, "kernel_s", seconds_of(result, "kernel_s"));
	record_put(check, "evidence", evidence_taken(record_get(result, "evidence")));
	record_put_str(check, "why", record_str(declared, "why", NULL));
	if (record_length(record_get(result, "log")))
		record_put(check, "log", log_taken(record_get(result, "log")));
	record_add((struct record *)record_get(results, "checks"), check);
}

static void count_verdicts(const struct record *checks, size_t counts[VERDICTS])
{
	memset(counts, 0, VERDICTS * sizeof(*counts));
	for (size_t i = 0; i < record_length(checks); i++) {
		int verdict = verdict_parse(record_str(record_at(checks, i), "verdict", NULL));

		if (verdict >= 0)
			counts[verdict]++;
	}
}

void results_summarize(struct record *results)
{
	struct record *summary = record_object();
	size_t counts[VERDICTS];

	count_verdicts(record_get(results, "checks"), counts);
	for (int i = 0; i < VERDICTS; i++)
		record_put_int(summary, verdict_words[i], (int64_t)counts[i]);
	record_put(results, "summary", summary);
}

int64_t results_count(const struct record *results, const char *verdict)
{
	return record_int(record_get(results, "summary"), verdict, 0);
}

bool results_complete(const struct record *results)
{
	return record_bool(record_get(results, "run"), "complete", true);
}

bool results_good(const struct record *results)
{
	return results_complete(results) && record_length(record_get(results, "checks")) &&
			!results_count(results, "fail") && !results_count(results, "broken") &&
			!results_count(results, "changed");
}

bool results_unsupported(const struct record *check)
{
	static const char *const lacks[] = { "flr", "vf-policy", "vfs", "feature" };
	const char *need = record_str(check, "need", NULL);

	for (size_t i = 0; need && i < sizeof(lacks) / sizeof(*lacks); i++) {
		if (!strcmp(need, lacks[i]))
			return !strcmp(record_str(check, "verdict", ""), "skip");
	}
	return false;
}

/* What is being validated: the place goes into the message. */
struct place {
	char name[160];
	struct err *err;
};

static int wrong(const struct place *place, const char *member, const char *what)
{
	return err_set(place->err, EINVAL, "results: %s: %s %s", place->name, member, what);
}

static int want(const struct place *place, const struct record *object, const char *member,
		enum record_type type, bool may_be_null)
{
	static const char *const nouns[] = { [RECORD_BOOL] = "true or false",
		[RECORD_NUMBER] = "a number",
		[RECORD_TEXT] = "a text",
		[RECORD_ARRAY] = "an array",
		[RECORD_OBJECT] = "an object" };
	enum record_type is = record_type(record_get(object, member));

	if (is == type || (may_be_null && is == RECORD_NULL))
		return 0;
	return err_set(place->err, EINVAL, "results: %s: %s must be %s%s%s", place->name, member,
			nouns[type], may_be_null ? " or null" : "",
			is == RECORD_ABSENT ? ", and is absent" : "");
}

static int want_seconds(const struct place *place, const struct record *object, const char *member)
{
	int rc = want(place, object, member, RECORD_NUMBER, false);

	if (!rc && record_real(object, member, 0) < 0)
		return wrong(place, member, "must not be negative");
	return rc;
}

static int validate_evidence(struct place *place, const struct record *check)
{
	const struct record *evidence = record_get(check, "evidence");
	int rc = want(place, check, "evidence", RECORD_ARRAY, false);

	for (size_t i = 0; !rc && i < record_length(evidence); i++) {
		const struct record *fact = record_at(evidence, i);
		enum record_type type = record_type(record_get(fact, "value"));

		rc = want(place, fact, "name", RECORD_TEXT, false);
		if (!rc && type != RECORD_NULL && !is_scalar(record_get(fact, "value")))
			rc = wrong(place, "evidence value",
					"must be one number, text, or truth value");
		if (!rc)
			rc = want(place, fact, "unit", RECORD_TEXT, true);
		if (!rc && record_get(fact, "by"))
			rc = want(place, fact, "by", RECORD_TEXT, false);
	}
	return rc;
}

int results_validate_check(const struct record *check, size_t index, struct err *err)
{
	static const char *const texts[] = { "suite", "title", "verdict", "origin" };
	const char *id = record_str(check, "id", NULL);
	struct place place = { .err = err };
	int rc;

	snprintf(place.name, sizeof(place.name), "checks[%zu]", index);
	rc = want(&place, check, "id", RECORD_TEXT, false);
	if (rc < 0)
		return rc;
	if (!*id)
		return wrong(&place, "id", "must not be empty");
	snprintf(place.name, sizeof(place.name), "check %s", id);
	for (size_t i = 0; !rc && i < sizeof(texts) / sizeof(*texts); i++)
		rc = want(&place, check, texts[i], RECORD_TEXT, false);
	if (!rc && verdict_parse(record_str(check, "verdict", NULL)) < 0)
		rc = err_set(err, EINVAL, "results: %s: unknown verdict '%s'", place.name,
				record_str(check, "verdict", NULL));
	if (!rc)
		rc = want(&place, check, "reason", RECORD_TEXT, true);
	if (!rc)
		rc = want(&place, check, "quirk", RECORD_TEXT, true);
	if (!rc && record_get(check, "need"))
		rc = want(&place, check, "need", RECORD_TEXT, false);
	if (!rc)
		rc = want_seconds(&place, check, "duration_s");
	return rc ? rc : validate_evidence(&place, check);
}

static int validate_summary(
		const struct record *summary, const size_t counts[VERDICTS], struct err *err)
{
	for (int i = 0; i < VERDICTS; i++) {
		if (record_int(summary, verdict_words[i], -1) != (int64_t)counts[i])
			return err_set(err, EINVAL,
					"results: summary: %s must be %zu, as many as there are "
					"checks",
					verdict_words[i], counts[i]);
	}
	return 0;
}

static int validate_schema(const struct record *results, struct err *err)
{
	const char *schema = record_str(results, "schema", NULL);

	if (schema && !strcmp(schema, SCHEMA))
		return 0;
	return err_set(err, EINVAL, "results: the schema is '%s', not " SCHEMA,
			schema ? schema : "");
}

int results_validate_head(
		const struct record *results, const size_t counts[VERDICTS], struct err *err)
{
	struct place place = { .name = "top level", .err = err };
	int rc = validate_schema(results, err);

	if (!rc)
		rc = want(&place, results, "run", RECORD_OBJECT, false);
	if (!rc)
		rc = want(&place, results, "identity", RECORD_OBJECT, false);
	if (!rc)
		rc = want(&place, results, "summary", RECORD_OBJECT, false);
	if (!rc)
		rc = want(&place, results, "checks", RECORD_ARRAY, false);
	return rc ? rc : validate_summary(record_get(results, "summary"), counts, err);
}

int results_validate(const struct record *results, struct err *err)
{
	CLEANUP(cleanup_record) struct record *seen = record_object();
	const struct record *checks = record_get(results, "checks");
	size_t counts[VERDICTS];
	int rc = validate_schema(results, err);

	for (size_t i = 0; !rc && i < record_length(checks); i++) {
		const char *id = record_str(record_at(checks, i), "id", "");

		rc = results_validate_check(record_at(checks, i), i, err);
		if (!rc && record_get(seen, id))
			rc = err_set(err, EINVAL, "results: checks[%zu]: %s stands there twice", i,
					id);
		record_put_bool(seen, id, true);
	}
	count_verdicts(checks, counts);
	return rc ? rc : results_validate_head(results, counts, err);
}

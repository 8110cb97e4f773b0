/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/results.h"
#include "reports/results/results_reader.h"

#include <string.h>

/* Results are built only here, so that the summary always matches the checks. */

#define SCHEMA "vfcert-results/1"

struct record *results_new(struct record *run, struct record *identity)
{
	struct record *results = record_object(), *summary = record_object();

	for (int i = 0; i < VERDICTS; i++)
		record_put_int(summary, verdict_words[i], 0);
	record_put_str(results, "schema", SCHEMA);
	record_put(results, "run", run);
	record_put(results, "identity", identity);
	record_put(results, "summary", summary);
	record_put(results, "checks", record_array());
	return results;
}

struct record *results_run(struct record *results)
{
	return record_edit(results, "run");
}

static int64_t count_of(const struct record *results, enum verdict verdict)
{
	return record_int(record_get(results, "summary"), verdict_words[verdict], 0);
}

void results_add(struct record *results, const struct check_result *check)
{
	record_add(record_edit(results, "checks"),
			check_result_to_record(CHECK_RESULT_STORED, check));
	record_put_int(record_edit(results, "summary"), verdict_words[check->verdict],
			count_of(results, check->verdict) + 1);
}

size_t results_length(const struct record *results)
{
	return record_length(record_get(results, "checks"));
}

bool results_complete(const struct record *results)
{
	return record_bool(record_get(results, "run"), "complete", true);
}

bool results_good(const struct record *results)
{
	struct results_reader *reader = reader_from_record(results);
	bool good = reader_good(reader);

	reader_free(reader);
	return good;
}

static int require(const struct record *results, const char *member, enum record_type wanted,
		struct err *err)
{
	enum record_type type = record_type(record_get(results, member));

	if (type == wanted)
		return 0;
	return err_set(err, EINVAL, "results: %s must be an %s%s", member,
			wanted == RECORD_ARRAY ? "array" : "object",
			type == RECORD_ABSENT ? ", and is absent" : "");
}

static int validate_summary(
		const struct record *results, const size_t counts[VERDICTS], struct err *err)
{
	for (int i = 0; i < VERDICTS; i++) {
		if (record_int(record_get(results, "summary"), verdict_words[i], -1) !=
				(int64_t)counts[i])
			return err_set(err, EINVAL,
					"results: summary: %s must be %zu, as many as there are "
					"checks",
					verdict_words[i], counts[i]);
	}
	return 0;
}

int results_validate_head(
		const struct record *results, const size_t counts[VERDICTS], struct err *err)
{
	const char *schema = record_str(results, "schema", "");
	int rc = 0;

	if (strcmp(schema, SCHEMA))
		return err_set(err, EINVAL, "results: the schema is '%s', not " SCHEMA, schema);
	rc = require(results, "run", RECORD_OBJECT, err);
	if (!rc)
		rc = require(results, "identity", RECORD_OBJECT, err);
	if (!rc)
		rc = require(results, "summary", RECORD_OBJECT, err);
	if (!rc)
		rc = require(results, "checks", RECORD_ARRAY, err);
	return rc ? rc : validate_summary(results, counts, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/check_result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Whether a form has a member. */
enum presence {
	UNUSED,
	OPTIONAL, /* absent, null, or a value */
	NULLABLE, /* null, or a value */
	REQUIRED,
};

#define FORMS 2

static const struct text_member {
	const char *name;
	size_t offset;
	enum presence presence[FORMS];
} texts[] = {
	{ "suite", offsetof(struct check_result, suite), { UNUSED, REQUIRED } },
	{ "title", offsetof(struct check_result, title), { UNUSED, REQUIRED } },
	{ "reason", offsetof(struct check_result, reason), { OPTIONAL, NULLABLE } },
	{ "observed", offsetof(struct check_result, observed), { UNUSED, OPTIONAL } },
	{ "need", offsetof(struct check_result, need), { OPTIONAL, OPTIONAL } },
	{ "quirk", offsetof(struct check_result, quirk), { UNUSED, NULLABLE } },
	{ "origin", offsetof(struct check_result, origin), { UNUSED, REQUIRED } },
	{ "why", offsetof(struct check_result, why), { UNUSED, OPTIONAL } },
};

static const struct time_member {
	const char *name;
	size_t offset;
	enum presence presence[FORMS];
} times[] = {
	{ "duration_s", offsetof(struct check_result, duration_s), { OPTIONAL, REQUIRED } },
	{ "kernel_s", offsetof(struct check_result, kernel_s), { OPTIONAL, OPTIONAL } },
	{ "at_s", offsetof(struct check_result, at_s), { UNUSED, OPTIONAL } },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *text_in(const struct check_result *result, const struct text_member *member)
{
	return *(const char *const *)((const char *)result + member->offset);
}

static double time_in(const struct check_result *result, const struct time_member *member)
{
	return *(const double *)((const char *)result + member->offset);
}

/* Returns 1 if the member has a value of that type, 0 if it need not have one, else -EINVAL. */
static int has_value(const struct record *record, const char *member, enum record_type wanted,
		enum presence presence, struct err *err)
{
	static const char *const nouns[] = {
		[RECORD_NUMBER] = "a number", [RECORD_TEXT] = "a text", [RECORD_ARRAY] = "an array"
	};
	enum record_type type = record_type(record_get(record, member));

	if (presence == UNUSED)
		return 0;
	if (type == wanted)
		return 1;
	if ((type == RECORD_NULL && presence != REQUIRED) ||
			(type == RECORD_ABSENT && presence == OPTIONAL))
		return 0;
	return err_set(err, EINVAL, "%s must be %s%s%s", member, nouns[wanted],
			presence == REQUIRED ? "" : " or null",
			type == RECORD_ABSENT ? ", and is absent" : "");
}

static int read_text(const struct record *record, const char *member, enum presence presence,
		const char **text, struct err *err)
{
	int rc = has_value(record, member, RECORD_TEXT, presence, err);

	if (rc > 0)
		*text = record_str(record, member, NULL);
	return rc < 0 ? rc : 0;
}

static int read_texts(enum check_result_form form, const struct record *record,
		struct check_result *result, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < COUNT(texts); i++)
		rc = read_text(record, texts[i].name, texts[i].presence[form],
				(const char **)((char *)result + texts[i].offset), err);
	return rc;
}

static int read_times(enum check_result_form form, const struct record *record,
		struct check_result *result, struct err *err)
{
	for (size_t i = 0; i < COUNT(times); i++) {
		int rc = has_value(
				record, times[i].name, RECORD_NUMBER, times[i].presence[form], err);
		double seconds = record_real(record, times[i].name, 0);

		if (rc < 0)
			return rc;
		if (rc > 0 && seconds < 0)
			return err_set(err, EINVAL, "%s must not be negative", times[i].name);
		if (rc > 0)
			*(double *)((char *)result + times[i].offset) = seconds;
	}
	return 0;
}

static bool is_value(const struct record *value)
{
	enum record_type type = record_type(value);

	return type == RECORD_NULL || type == RECORD_BOOL || type == RECORD_NUMBER ||
			type == RECORD_TEXT;
}

static int check_fact(const struct record *fact, enum presence unit, struct err *err)
{
	const char *text;
	int rc = read_text(fact, "name", REQUIRED, &text, err);

	if (!rc && !is_value(record_get(fact, "value")))
		rc = err_set(err, EINVAL, "value must be one number, text, or truth value");
	if (!rc)
		rc = read_text(fact, "unit", unit, &text, err);
	if (!rc)
		rc = read_text(fact, "by", OPTIONAL, &text, err);
	if (rc < 0)
		err_prefix(err, "evidence ");
	return rc;
}

static int read_evidence(enum check_result_form form, const struct record *record,
		struct check_result *result, struct err *err)
{
	bool stored = form == CHECK_RESULT_STORED;
	int rc = has_value(record, "evidence", RECORD_ARRAY, stored ? REQUIRED : OPTIONAL, err);

	if (rc > 0)
		result->evidence = record_get(record, "evidence");
	for (size_t i = 0; rc >= 0 && i < record_length(result->evidence); i++)
		rc = check_fact(record_at(result->evidence, i), stored ? NULLABLE : OPTIONAL, err);
	return rc < 0 ? rc : 0;
}

static int read_log(const struct record *record, struct check_result *result, struct err *err)
{
	int rc = has_value(record, "log", RECORD_ARRAY, OPTIONAL, err);

	if (rc > 0)
		result->log = record_get(record, "log");
	for (size_t i = 0; rc >= 0 && i < record_length(result->log); i++) {
		if (!record_text(record_at(result->log, i)))
			rc = err_set(err, EINVAL, "log must be an array of texts");
	}
	return rc < 0 ? rc : 0;
}

static int read_verdict(enum check_result_form form, const struct record *record,
		struct check_result *result, struct err *err)
{
	const char *word = "";
	int rc = read_text(record, "verdict", REQUIRED, &word, err);

	if (rc < 0)
		return rc;
	result->verdict = verdict_parse(word);
	if (result->verdict == VERDICT_NONE ||
			(form == CHECK_RESULT_SENT && result->verdict > VERDICT_BROKEN))
		return err_set(err, EINVAL, "unknown verdict '%.64s'", word);
	return 0;
}

int check_result_from_record(enum check_result_form form, const struct record *record,
		struct check_result *result, struct err *err)
{
	int rc;

	*result = CHECK_RESULT_NONE;
	rc = read_text(record, "id", REQUIRED, &result->id, err);
	if (rc < 0)
		return rc;
	if (!*result->id) {
		result->id = NULL;
		return err_set(err, EINVAL, "id must not be empty");
	}
	rc = read_verdict(form, record, result, err);
	if (!rc)
		rc = read_texts(form, record, result, err);
	if (!rc)
		rc = read_times(form, record, result, err);
	if (!rc)
		rc = read_evidence(form, record, result, err);
	if (!rc)
		rc = read_log(record, result, err);
	if (result->verdict != VERDICT_SKIP)
		result->need = NULL;
	if (rc < 0)
		err_prefix(err, "check %.100s: ", result->id);
	return rc;
}

/* Copies only the members of a piece of evidence: the sender may have added others. */
static struct record *copy_evidence(const struct record *evidence)
{
	struct record *copy = record_array();

	for (size_t i = 0; i < record_length(evidence); i++) {
		const struct record *item = record_at(evidence, i);
		struct record *fact = record_object();

		record_put_str(fact, "name", record_str(item, "name", NULL));
		record_put(fact, "value", record_copy(record_get(item, "value")));
		record_put_str(fact, "unit", record_str(item, "unit", NULL));
		if (!strcmp(record_str(item, "by", ""), "guest"))
			record_put_str(fact, "by", "guest");
		record_add(copy, fact);
	}
	return copy;
}

struct record *check_result_to_record(
		enum check_result_form form, const struct check_result *result)
{
	struct record *record = record_object();

	record_put_str(record, "id", result->id);
	record_put_str(record, "verdict", verdict_words[result->verdict]);
	for (size_t i = 0; i < COUNT(texts); i++) {
		enum presence presence = texts[i].presence[form];
		const char *text = text_in(result, &texts[i]);

		if (presence != UNUSED && (text || presence != OPTIONAL))
			record_put_str(record, texts[i].name, text);
	}
	for (size_t i = 0; i < COUNT(times); i++) {
		double seconds = time_in(result, &times[i]);

		if (times[i].presence[form] != UNUSED && seconds >= 0)
			record_put_real(record, times[i].name, seconds);
	}
	record_put(record, "evidence", copy_evidence(result->evidence));
	if (record_length(result->log))
		record_put(record, "log", record_copy(result->log));
	return record;
}

const char *check_result_own(
		struct check_result *result, const char *member, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	if (!result->owned)
		result->owned = record_object();
	record_put_str(result->owned, member, text);
	return record_str(result->owned, member, NULL);
}

void check_result_free(struct check_result *result)
{
	record_free(TAKE(result->owned));
}

bool check_result_unsupported(const struct check_result *result)
{
	static const char *const lacks[] = { "flr", "vf-policy", "vfs", "feature" };

	for (size_t i = 0; result->need && i < COUNT(lacks); i++) {
		if (!strcmp(result->need, lacks[i]))
			return result->verdict == VERDICT_SKIP;
	}
	return false;
}

bool check_result_by_guest(const struct check_result *result)
{
	size_t count = record_length(result->evidence);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(record_str(record_at(result->evidence, i), "by", "host"), "guest"))
			return false;
	}
	return count > 0;
}

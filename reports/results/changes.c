/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/changes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define SCHEMA "vfcert-changes/1"

/* Durations: shorter ones, and smaller differences, do not count. */
#define SHORTEST_S   0.02
#define DIFFERENCE_S 0.1
#define FEWEST       8 /* checks that it takes to know their noise */

/* Six times the median deviation is about four standard deviations of a normal distribution. */
#define DEVIATIONS  6
#define LEAST_NOISE 1.3

struct pair {
	size_t before, after;
	double was, is; /* seconds */
};

struct comparison {
	struct results_reader *before, *after;
	struct pair *pairs;
	size_t count;
	struct record *worse, *better, *durations;
	size_t same;
};

#define NOWHERE SIZE_MAX

/* A higher rank is worse. */
static int rank_of(enum verdict verdict)
{
	static const int ranks[VERDICTS] = { [VERDICT_PASS] = 0,
		[VERDICT_KNOWN] = 1,
		[VERDICT_SKIP] = 2,
		[VERDICT_CHANGED] = 4,
		[VERDICT_BROKEN] = 5,
		[VERDICT_FAIL] = 6 };

	return verdict == VERDICT_NONE
			? 3
			: ranks[verdict]; /* not run: worse than skipped, which says why */
}

static int by_id(const void *a, const void *b, void *reader)
{
	return strcmp(reader_id(reader, *(const size_t *)a), reader_id(reader, *(const size_t *)b));
}

static size_t *sorted(struct results_reader *reader)
{
	size_t *order = reallocarray(NULL, reader_length(reader) + 1, sizeof(*order));

	if (!order)
		abort();
	for (size_t i = 0; i < reader_length(reader); i++)
		order[i] = i;
	qsort_r(order, reader_length(reader), sizeof(*order), by_id, reader);
	return order;
}

/* Goes once through the checks of both runs, in the order of the ids. */
static void match(struct comparison *comparison)
{
	CLEANUP(cleanup_free) size_t *left = sorted(comparison->before);
	CLEANUP(cleanup_free) size_t *right = sorted(comparison->after);
	size_t lefts = reader_length(comparison->before), rights = reader_length(comparison->after);

	comparison->pairs = calloc(lefts + rights + 1, sizeof(*comparison->pairs));
	if (!comparison->pairs)
		abort();
	for (size_t i = 0, k = 0; i < lefts || k < rights;) {
		int order = i == lefts ? 1
				: k == rights
				? -1
				: strcmp(reader_id(comparison->before, left[i]),
						  reader_id(comparison->after, right[k]));
		struct pair *pair = &comparison->pairs[comparison->count++];

		*pair = (struct pair){ order <= 0 ? left[i++] : NOWHERE,
			order >= 0 ? right[k++] : NOWHERE, 0, 0 };
	}
}

static enum verdict verdict_at(const struct results_reader *reader, size_t index)
{
	return index == NOWHERE ? VERDICT_NONE : reader_verdict(reader, index);
}

static void put_verdict(struct record *change, const char *key, enum verdict verdict)
{
	record_put_str(change, key, verdict == VERDICT_NONE ? NULL : verdict_words[verdict]);
}

static int compare_pair(struct comparison *comparison, struct pair *pair, struct err *err)
{
	struct results_reader *before = comparison->before, *after = comparison->after;
	enum verdict was = verdict_at(before, pair->before), is = verdict_at(after, pair->after);
	const struct check_result *check = NULL;
	struct record *change;
	bool worse = rank_of(is) > rank_of(was);

	if (pair->before != NOWHERE)
		pair->was = reader_check(before, pair->before)->duration_s;
	if (pair->after != NOWHERE) {
		check = reader_check(after, pair->after);
		pair->is = check->duration_s;
	}
	if (reader_error(before, err) < 0 || reader_error(after, err) < 0)
		return -err->code;
	if (was == is) {
		comparison->same++;
		return 0;
	}
	change = record_object();
	record_put_str(change, "id", check ? check->id : reader_id(before, pair->before));
	put_verdict(change, "before", was);
	put_verdict(change, "after", is);
	record_put_bool(change, "worse", worse);
	record_put_str(change, "reason", check ? check->reason : NULL);
	record_add(worse ? comparison->worse : comparison->better, change);
	return 0;
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 2];
}

static bool is_timed(const struct pair *pair)
{
	return pair->was > SHORTEST_S && pair->is > SHORTEST_S;
}

/* Of the logarithms of the ratios, the median is the pace, and the median deviation from it the
 * noise. */
static void compare_durations(struct comparison *comparison, double *pace, double *noise)
{
	CLEANUP(cleanup_free)
	double *ratios = reallocarray(NULL, comparison->count + 1, sizeof(*ratios));
	double middle, spread;
	size_t count = 0;

	if (!ratios)
		abort();
	for (size_t i = 0; i < comparison->count; i++) {
		if (is_timed(&comparison->pairs[i]))
			ratios[count++] = log(comparison->pairs[i].is / comparison->pairs[i].was);
	}
	if (count < FEWEST)
		return;
	middle = median(ratios, count);
	for (size_t i = 0; i < count; i++)
		ratios[i] = fabs(ratios[i] - middle);
	spread = fmax(DEVIATIONS * median(ratios, count), log(LEAST_NOISE));
	*pace = exp(middle);
	*noise = exp(spread);
	for (size_t i = 0; i < comparison->count; i++) {
		const struct pair *pair = &comparison->pairs[i];
		struct record *change;

		if (!is_timed(pair) || fabs(log(pair->is / pair->was) - middle) <= spread ||
				fabs(pair->is - pair->was * *pace) <= DIFFERENCE_S)
			continue;
		change = record_object();
		record_put_str(change, "id", reader_id(comparison->after, pair->after));
		record_put_real(change, "before_s", pair->was);
		record_put_real(change, "after_s", pair->is);
		record_add(comparison->durations, change);
	}
}

static char *print_member(const struct record *value)
{
	return !value                        ? NULL
			: record_text(value) ? text_format("%s", record_text(value))
					     : record_print(value);
}

static void add_member(struct record *list, const char *name, const struct record *a,
		const struct record *b)
{
	CLEANUP(cleanup_free) char *before = print_member(a), *after = print_member(b);
	struct record *member;

	if (before && after && !strcmp(before, after))
		return;
	member = record_object();
	record_put_str(member, "member", name);
	record_put_str(member, "before", before);
	record_put_str(member, "after", after);
	record_add(list, member);
}

/* Each run salts "unit" differently. */
static bool is_compared(const char *part)
{
	return strcmp(part, "unit") != 0;
}

static void compare_part(struct record *list, const char *part, const struct record *a,
		const struct record *b)
{
	const struct record *value;
	const char *key;

	for (void *at = record_first(a); record_next(a, &at, &key, &value);) {
		CLEANUP(cleanup_free) char *name = text_format("%s.%s", part, key);

		add_member(list, name, value, record_get(b, key));
	}
	for (void *at = record_first(b); record_next(b, &at, &key, &value);) {
		CLEANUP(cleanup_free) char *name = text_format("%s.%s", part, key);

		if (!record_get(a, key))
			add_member(list, name, NULL, value);
	}
}

static struct record *compare_identity(const struct record *a, const struct record *b)
{
	struct record *list = record_array();
	const struct record *value;
	const char *key;

	for (void *at = record_first(a); record_next(a, &at, &key, &value);) {
		const struct record *other = record_get(b, key);

		if (!is_compared(key))
			continue;
		if (record_type(value) == RECORD_OBJECT)
			compare_part(list, key, value, other);
		else
			add_member(list, key, value, other);
	}
	for (void *at = record_first(b); record_next(b, &at, &key, &value);) {
		if (record_get(a, key) || !is_compared(key))
			continue;
		if (record_type(value) == RECORD_OBJECT)
			compare_part(list, key, NULL, value);
		else
			add_member(list, key, NULL, value);
	}
	return list;
}

static struct record *changes_of(struct comparison *comparison, double pace, double noise)
{
	struct record *changes = record_object(), *verdicts = record_array();
	const struct record *lists[] = { comparison->worse, comparison->better };

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < record_length(lists[k]); i++)
			record_add(verdicts, record_copy(record_at(lists[k], i)));
	}
	record_put_str(changes, "schema", SCHEMA);
	record_put(changes, "identity",
			compare_identity(record_get(reader_head(comparison->before), "identity"),
					record_get(reader_head(comparison->after), "identity")));
	record_put(changes, "verdicts", verdicts);
	record_put(changes, "durations", record_copy(comparison->durations));
	record_put_int(changes, "worse", (int64_t)record_length(comparison->worse));
	record_put_int(changes, "better", (int64_t)record_length(comparison->better));
	record_put_int(changes, "same", (int64_t)comparison->same);
	record_put_real(changes, "pace", pace);
	record_put_real(changes, "noise", noise);
	return changes;
}

static void cleanup_comparison(struct comparison *comparison)
{
	free(comparison->pairs);
	record_free(comparison->worse);
	record_free(comparison->better);
	record_free(comparison->durations);
}

int changes_between(struct results_reader *before, struct results_reader *after,
		struct record **changes, struct err *err)
{
	CLEANUP(cleanup_comparison)
	struct comparison comparison = { .before = before,
		.after = after,
		.worse = record_array(),
		.better = record_array(),
		.durations = record_array() };
	double pace = 0, noise = 0;
	int rc = 0;

	match(&comparison);
	for (size_t i = 0; !rc && i < comparison.count; i++)
		rc = compare_pair(&comparison, &comparison.pairs[i], err);
	if (rc < 0)
		return rc;
	compare_durations(&comparison, &pace, &noise);
	*changes = changes_of(&comparison, pace, noise);
	return 0;
}

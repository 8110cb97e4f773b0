/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/results_reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/string_set.h"
#include "base/text.h"
#include "data/record_file.h"

/* The reader keeps only what counting and ordering the checks takes. */

#define SUITES_LIMIT  4096
#define ORIGINS_LIMIT 255

struct entry {
	uint32_t id; /* where it begins in IDS */
	uint16_t suite;
	uint8_t verdict, origin;
	struct check_times times;
};

struct results_reader {
	const struct record *head;
	const struct record *checks; /* of results in memory; NULL: they are in the file */
	struct record_file *file;
	struct check_result current;
	struct err err;
	struct entry *entries;
	char *ids; /* one after the other */
	size_t ids_used, ids_room;
	size_t count, room, counts[VERDICTS];
	struct suite_totals *totals;
	size_t suites, last;
	char **origins;
	size_t origin_count;
	struct string_set stands_on; /* checks that others were skipped for */
};

static int keep_id(struct results_reader *reader, const char *id, struct err *err)
{
	size_t length = strlen(id) + 1;

	if (reader->ids_used + length > UINT32_MAX)
		return err_set(err, E2BIG, "results: more than 4 GiB of ids");
	if (reader->ids_used + length > reader->ids_room) {
		reader->ids_room = 2 * reader->ids_room + length + 4096;
		reader->ids = realloc(reader->ids, reader->ids_room);
		if (!reader->ids)
			abort();
	}
	memcpy(reader->ids + reader->ids_used, id, length);
	reader->ids_used += length;
	return 0;
}

static int find_suite(struct results_reader *reader, const char *suite, struct err *err)
{
	if (reader->suites && !strcmp(reader->totals[reader->last].suite, suite))
		return 0;
	for (size_t i = 0; i < reader->suites; i++) {
		reader->last = i;
		if (!strcmp(reader->totals[i].suite, suite))
			return 0;
	}
	if (reader->suites == SUITES_LIMIT)
		return err_set(err, EINVAL, "results: more than %d suites", SUITES_LIMIT);
	reader->totals = reallocarray(reader->totals, reader->suites + 1, sizeof(*reader->totals));
	if (!reader->totals)
		abort();
	reader->last = reader->suites++;
	reader->totals[reader->last] = (struct suite_totals){ .suite = text_format("%s", suite) };
	return 0;
}

static int find_origin(
		struct results_reader *reader, const char *origin, uint8_t *index, struct err *err)
{
	size_t i = 0;

	while (i < reader->origin_count && strcmp(reader->origins[i], origin) != 0)
		i++;
	*index = (uint8_t)i;
	if (i < reader->origin_count)
		return 0;
	if (i == ORIGINS_LIMIT)
		return err_set(err, EINVAL, "results: more than %d origins", ORIGINS_LIMIT);
	reader->origins = reallocarray(reader->origins, i + 1, sizeof(*reader->origins));
	if (!reader->origins)
		abort();
	reader->origins[reader->origin_count++] = text_format("%s", origin);
	return 0;
}

static struct entry *add_entry(struct results_reader *reader)
{
	if (reader->count == reader->room) {
		reader->room = reader->room ? reader->room + reader->room / 2 : 512;
		reader->entries = reallocarray(
				reader->entries, reader->room, sizeof(*reader->entries));
		if (!reader->entries)
			abort();
	}
	return &reader->entries[reader->count++];
}

static int count_check(
		struct results_reader *reader, const struct check_result *check, struct err *err)
{
	enum verdict verdict = check->verdict == VERDICT_NONE ? VERDICT_BROKEN : check->verdict;
	int rc = find_suite(reader, check->suite ? check->suite : "?", err);
	size_t id = reader->ids_used;
	struct suite_totals *totals;
	uint8_t origin = 0;

	if (!rc)
		rc = find_origin(reader, check->origin ? check->origin : "", &origin, err);
	if (!rc)
		rc = keep_id(reader, check->id ? check->id : "?", err);
	if (rc < 0)
		return rc;
	*add_entry(reader) = (struct entry){ (uint32_t)id, (uint16_t)reader->last, (uint8_t)verdict,
		origin, { (float)check->duration_s, (float)check->kernel_s, (float)check->at_s } };
	/* Only the id of a check has a dot. */
	if (verdict == VERDICT_SKIP && check->need && strchr(check->need, '.'))
		string_set_add(&reader->stands_on, check->need);
	reader->counts[verdict]++;
	totals = reader->totals + reader->last;
	totals->total++;
	totals->counts[verdict]++;
	totals->seconds += check->duration_s;
	return 0;
}

static int decode(const struct record *record, size_t index, struct check_result *check,
		struct err *err)
{
	struct err cause = { 0 };

	if (check_result_from_record(CHECK_RESULT_STORED, record, check, &cause) == 0)
		return 0;
	if (check->id)
		return err_set(err, EINVAL, "results: %s", cause.msg);
	return err_set(err, EINVAL, "results: checks[%zu]: %s", index, cause.msg);
}

static struct results_reader *reader_new(void)
{
	struct results_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		abort();
	return reader;
}

struct results_reader *reader_from_record(const struct record *results)
{
	struct results_reader *reader = reader_new();

	reader->head = results;
	reader->checks = record_get(results, "checks");
	for (size_t i = 0; i < record_length(reader->checks); i++) {
		struct check_result check;

		decode(record_at(reader->checks, i), i, &check, &reader->err);
		count_check(reader, &check, &reader->err);
	}
	return reader;
}

static int read_check(void *argument, size_t index, const struct record *record, struct err *err)
{
	struct check_result check;
	int rc = decode(record, index, &check, err);

	return rc ? rc : count_check(argument, &check, err);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int reject_duplicates(const struct results_reader *reader, struct err *err)
{
	CLEANUP(cleanup_free)
	const char **ids = reallocarray(NULL, reader->count + 1, sizeof(*ids));

	if (!ids)
		abort();
	for (size_t i = 0; i < reader->count; i++)
		ids[i] = reader_id(reader, i);
	qsort(ids, reader->count, sizeof(*ids), by_id);
	for (size_t i = 1; i < reader->count; i++) {
		if (!strcmp(ids[i - 1], ids[i]))
			return err_set(err, EINVAL, "results: the check '%.100s' is in them twice",
					ids[i]);
	}
	return 0;
}

static int validate(const struct results_reader *reader, struct err *err)
{
	int rc = reader_error(reader, err);

	if (!rc)
		rc = results_validate_head(reader->head, reader->counts, err);
	return rc ? rc : reject_duplicates(reader, err);
}

int results_validate(const struct record *results, struct err *err)
{
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(results);

	return validate(reader, err);
}

int reader_open(const char *path, struct results_reader **reader, struct err *err)
{
	CLEANUP(cleanup_reader) struct results_reader *fresh = reader_new();
	int rc = record_file_open(AT_FDCWD, path, "checks", read_check, fresh, &fresh->file, err);

	if (rc < 0)
		return rc;
	fresh->head = record_file_head(fresh->file);
	rc = validate(fresh, err);
	if (rc < 0)
		return rc;
	*reader = TAKE(fresh);
	return 0;
}

void reader_free(struct results_reader *reader)
{
	if (!reader)
		return;
	record_file_close(reader->file);
	check_result_free(&reader->current);
	for (size_t i = 0; i < reader->suites; i++)
		free(reader->totals[i].suite);
	for (size_t i = 0; i < reader->origin_count; i++)
		free(reader->origins[i]);
	free(reader->origins);
	string_set_free(&reader->stands_on);
	free(reader->totals);
	free(reader->entries);
	free(reader->ids);
	free(reader);
}

void cleanup_reader(struct results_reader **reader)
{
	reader_free(*reader);
}

const struct record *reader_head(const struct results_reader *reader)
{
	return reader->head;
}

size_t reader_length(const struct results_reader *reader)
{
	return reader->count;
}

size_t reader_count(const struct results_reader *reader, enum verdict verdict)
{
	return reader->counts[verdict];
}

/* Whether checks were skipped for what another one states, and no result says that that one fails. */
static bool has_unexplained_skips(const struct results_reader *reader)
{
	for (size_t i = 0; i < reader->stands_on.count; i++) {
		bool fails = false;

		for (size_t k = 0; k < reader->count && !fails; k++)
			fails = !strcmp(reader_id(reader, k), reader->stands_on.list[i]) &&
					reader_verdict(reader, k) != VERDICT_PASS;
		if (!fails)
			return true;
	}
	return false;
}

bool reader_good(const struct results_reader *reader)
{
	return !has_unexplained_skips(reader) && results_complete(reader->head) && reader->count &&
			!reader->counts[VERDICT_FAIL] && !reader->counts[VERDICT_BROKEN] &&
			!reader->counts[VERDICT_CHANGED];
}

const struct suite_totals *reader_totals(const struct results_reader *reader, size_t *count)
{
	*count = reader->suites;
	return reader->totals;
}

const char *reader_id(const struct results_reader *reader, size_t index)
{
	return reader->ids + reader->entries[index].id;
}

const char *reader_origin(const struct results_reader *reader, size_t index)
{
	return reader->origins[reader->entries[index].origin];
}

struct check_times reader_times(const struct results_reader *reader, size_t index)
{
	return reader->entries[index].times;
}

enum verdict reader_verdict(const struct results_reader *reader, size_t index)
{
	return reader->entries[index].verdict;
}

size_t reader_suite(const struct results_reader *reader, size_t index)
{
	return reader->entries[index].suite;
}

bool reader_find(const struct results_reader *reader, const char *id, size_t *index)
{
	for (*index = 0; *index < reader->count; ++*index) {
		if (!strcmp(reader_id(reader, *index), id))
			return true;
	}
	return false;
}

static const struct record *item_at(
		struct results_reader *reader, size_t index, struct record **owned)
{
	if (reader->checks)
		return record_at(reader->checks, index);
	return record_file_item(reader->file, index, owned, &reader->err) < 0 ? NULL : *owned;
}

const struct check_result *reader_check(struct results_reader *reader, size_t index)
{
	struct check_result *check = &reader->current;
	struct record *owned = NULL;
	const struct record *record;

	check_result_free(check);
	record = item_at(reader, index, &owned);
	if (decode(record, index, check, &reader->err) < 0)
		*check = (struct check_result){ .verdict = VERDICT_BROKEN, .at_s = -1 };
	check->owned = owned;
	check->id = check->id ? check->id : "?";
	check->suite = check->suite ? check->suite : "?";
	check->title = check->title ? check->title : "";
	check->origin = check->origin ? check->origin : "";
	return check;
}

int reader_print(struct results_reader *reader, size_t index, FILE *out)
{
	const char *text;
	size_t length;
	int rc;

	if (reader->checks) {
		CLEANUP(cleanup_free)
		char *printed = record_print(record_at(reader->checks, index));

		return fputs(printed, out) < 0 ? -EIO : 0;
	}
	rc = record_file_text(reader->file, index, &text, &length, &reader->err);
	return rc < 0 ? rc : fwrite(text, 1, length, out) < length ? -EIO : 0;
}

int reader_error(const struct results_reader *reader, struct err *err)
{
	return reader->err.code ? err_pass(err, &reader->err, "%s", reader->err.msg) : 0;
}

int reader_flush(const struct results_reader *reader, FILE *out)
{
	int rc = reader_error(reader, NULL);

	return rc < 0 ? rc : fflush(out) || ferror(out) ? -EIO : 0;
}

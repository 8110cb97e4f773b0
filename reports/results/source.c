/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/record_file.h"

/* What is kept of a check is what counting and ordering need. */

#define SUITES_LIMIT  4096
#define ORIGINS_LIMIT 255

struct entry {
	uint32_t id; /* where it begins in IDS */
	uint16_t suite;
	uint8_t verdict, origin;
	struct source_times times;
};

struct source {
	const struct record *head;
	const struct record *checks; /* of results in memory; NULL: they are in the file */
	struct record_file *file;
	struct record *current;
	struct err err;
	struct entry *entries;
	char *ids; /* one after the other */
	size_t ids_used, ids_room;
	size_t count, room, counts[VERDICTS];
	struct tally *tallies;
	size_t suites, last;
	char **origins;
	size_t origin_count;
};

static int keep_id(struct source *source, const char *id, struct err *err)
{
	size_t length = strlen(id) + 1;

	if (source->ids_used + length > UINT32_MAX)
		return err_set(err, E2BIG, "results: more than 4 GiB of ids");
	if (source->ids_used + length > source->ids_room) {
		source->ids_room = 2 * source->ids_room + length + 4096;
		source->ids = realloc(source->ids, source->ids_room);
		if (!source->ids)
			abort();
	}
	memcpy(source->ids + source->ids_used, id, length);
	source->ids_used += length;
	return 0;
}

static int find_suite(struct source *source, const char *suite, struct err *err)
{
	if (source->suites && !strcmp(source->tallies[source->last].suite, suite))
		return 0;
	for (size_t i = 0; i < source->suites; i++) {
		source->last = i;
		if (!strcmp(source->tallies[i].suite, suite))
			return 0;
	}
	if (source->suites == SUITES_LIMIT)
		return err_set(err, EINVAL, "results: more than %d suites", SUITES_LIMIT);
	source->tallies =
			reallocarray(source->tallies, source->suites + 1, sizeof(*source->tallies));
	if (!source->tallies)
		abort();
	source->last = source->suites++;
	source->tallies[source->last] = (struct tally){ .suite = file_path("%s", suite) };
	return 0;
}

static int find_origin(struct source *source, const char *origin, uint8_t *index, struct err *err)
{
	size_t i = 0;

	while (i < source->origin_count && strcmp(source->origins[i], origin) != 0)
		i++;
	*index = (uint8_t)i;
	if (i < source->origin_count)
		return 0;
	if (i == ORIGINS_LIMIT)
		return err_set(err, EINVAL, "results: more than %d origins", ORIGINS_LIMIT);
	source->origins = reallocarray(source->origins, i + 1, sizeof(*source->origins));
	if (!source->origins)
		abort();
	source->origins[source->origin_count++] = file_path("%s", origin);
	return 0;
}

static struct source_times times_of(const struct record *check)
{
	return (struct source_times){ (float)record_real(check, "duration_s", 0),
		(float)record_real(check, "kernel_s", 0), (float)record_real(check, "at_s", -1) };
}

static int count_check(struct source *source, const struct record *check, struct err *err)
{
	int verdict = results_verdict(record_str(check, "verdict", NULL));
	int rc = find_suite(source, record_str(check, "suite", "?"), err);
	size_t id = source->ids_used;
	struct tally *tally;
	uint8_t origin = 0;

	if (!rc)
		rc = find_origin(source, record_str(check, "origin", ""), &origin, err);
	if (!rc)
		rc = keep_id(source, record_str(check, "id", "?"), err);
	if (rc < 0)
		return rc;
	tally = source->tallies + source->last;
	if (source->count == source->room) {
		source->room = source->room ? source->room + source->room / 2 : 512;
		source->entries = reallocarray(
				source->entries, source->room, sizeof(*source->entries));
		if (!source->entries)
			abort();
	}
	verdict = verdict < 0 ? RESULT_BROKEN : verdict;
	source->entries[source->count++] = (struct entry){ (uint32_t)id, (uint16_t)source->last,
		(uint8_t)verdict, origin, times_of(check) };
	source->counts[verdict]++;
	tally->total++;
	tally->counts[verdict]++;
	tally->seconds += record_real(check, "duration_s", 0);
	return 0;
}

static struct source *source_new(void)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		abort();
	return source;
}

struct source *source_of(const struct record *results)
{
	struct source *source = source_new();

	source->head = results;
	source->checks = record_get(results, "checks");
	for (size_t i = 0; i < record_length(source->checks); i++)
		count_check(source, record_at(source->checks, i), &source->err);
	return source;
}

static int take_check(void *argument, size_t index, const struct record *check, struct err *err)
{
	int rc = results_validate_check(check, index, err);

	return rc ? rc : count_check(argument, check, err);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int refuse_twins(const struct source *source, struct err *err)
{
	CLEANUP(cleanup_free)
	const char **ids = reallocarray(NULL, source->count + 1, sizeof(*ids));

	if (!ids)
		abort();
	for (size_t i = 0; i < source->count; i++)
		ids[i] = source_id(source, i);
	qsort(ids, source->count, sizeof(*ids), by_id);
	for (size_t i = 1; i < source->count; i++) {
		if (!strcmp(ids[i - 1], ids[i]))
			return err_set(err, EINVAL,
					"results: the check '%.100s' stands there twice", ids[i]);
	}
	return 0;
}

int source_open(const char *path, struct source **source, struct err *err)
{
	CLEANUP(cleanup_source) struct source *fresh = source_new();
	int rc = record_file_open(AT_FDCWD, path, "checks", take_check, fresh, &fresh->file, err);

	if (rc < 0)
		return rc;
	fresh->head = record_file_head(fresh->file);
	rc = results_validate_head(fresh->head, fresh->counts, err);
	if (!rc)
		rc = refuse_twins(fresh, err);
	if (rc < 0)
		return rc;
	*source = TAKE(fresh);
	return 0;
}

void source_free(struct source *source)
{
	if (!source)
		return;
	record_file_close(source->file);
	record_free(source->current);
	for (size_t i = 0; i < source->suites; i++)
		free(source->tallies[i].suite);
	for (size_t i = 0; i < source->origin_count; i++)
		free(source->origins[i]);
	free(source->origins);
	free(source->tallies);
	free(source->entries);
	free(source->ids);
	free(source);
}

void cleanup_source(struct source **source)
{
	source_free(*source);
}

const struct record *source_head(const struct source *source)
{
	return source->head;
}

size_t source_length(const struct source *source)
{
	return source->count;
}

size_t source_count(const struct source *source, enum result verdict)
{
	return source->counts[verdict];
}

bool source_good(const struct source *source)
{
	return record_bool(record_get(source->head, "run"), "complete", true) && source->count &&
			!source->counts[RESULT_FAIL] && !source->counts[RESULT_BROKEN] &&
			!source->counts[RESULT_CHANGED];
}

const struct tally *source_tallies(const struct source *source, size_t *count)
{
	*count = source->suites;
	return source->tallies;
}

const char *source_id(const struct source *source, size_t index)
{
	return source->ids + source->entries[index].id;
}

const char *source_origin(const struct source *source, size_t index)
{
	return source->origins[source->entries[index].origin];
}

struct source_times source_times(const struct source *source, size_t index)
{
	return source->entries[index].times;
}

enum result source_verdict(const struct source *source, size_t index)
{
	return source->entries[index].verdict;
}

size_t source_suite(const struct source *source, size_t index)
{
	return source->entries[index].suite;
}

const struct record *source_check(struct source *source, size_t index)
{
	if (source->checks)
		return record_at(source->checks, index);
	record_free(TAKE(source->current));
	if (record_file_item(source->file, index, &source->current, &source->err) < 0)
		source->current = NULL;
	return source->current;
}

int source_print(struct source *source, size_t index, FILE *out)
{
	const char *text;
	size_t length;
	int rc;

	if (source->checks) {
		CLEANUP(cleanup_free)
		char *printed = record_print(record_at(source->checks, index));

		return fputs(printed, out) < 0 ? -EIO : 0;
	}
	rc = record_file_text(source->file, index, &text, &length, &source->err);
	return rc < 0 ? rc : fwrite(text, 1, length, out) < length ? -EIO : 0;
}

int source_error(const struct source *source, struct err *err)
{
	return source->err.code ? err_set(err, source->err.code, "%s", source->err.msg) : 0;
}

int source_printed(const struct source *source, FILE *out)
{
	int rc = source_error(source, NULL);

	return rc < 0 ? rc : fflush(out) || ferror(out) ? -EIO : 0;
}

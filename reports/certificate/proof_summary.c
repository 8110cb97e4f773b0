/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/certificate/proof_summary.h"

#include <stdlib.h>
#include <string.h>

static bool row_good(const struct record *entry)
{
	const struct record *broken = record_get(entry, "broken");

	for (size_t i = 0; i < record_length(broken); i++) {
		const char *id = record_text(record_at(broken, i));

		if (id && record_has_text(record_get(entry, "expected"), id))
			return false;
	}
	return !record_length(record_get(entry, "missed")) &&
			!record_length(record_get(entry, "false_alarms")) &&
			!record_str(entry, "error", NULL);
}

/* On every topology. */
static bool is_sound(const struct record *sound)
{
	const struct record *others = record_get(sound, "others");
	bool good = !record_length(record_get(sound, "failures"));

	for (size_t i = 0; i < record_length(others); i++)
		good = good && !record_length(record_get(record_at(others, i), "failures"));
	return good;
}

bool proof_holds(const struct record *proof)
{
	const struct record *defects = record_get(proof, "defects");
	bool good = record_length(defects) && is_sound(record_get(proof, "sound")) &&
			record_bool(record_get(proof, "run"), "complete", false);

	for (size_t i = 0; i < record_length(defects); i++)
		good = good && row_good(record_at(defects, i));
	return good;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Leaves out duplicates. */
static struct record *sorted(const char **ids, size_t count)
{
	struct record *list = record_array();

	qsort(ids, count, sizeof(*ids), by_name);
	for (size_t i = 0; i < count; i++) {
		if (!i || strcmp(ids[i], ids[i - 1]))
			record_add_str(list, ids[i]);
	}
	return list;
}

struct record *proof_summary(const struct record *proof)
{
	const struct record *defects = record_get(proof, "defects");
	struct record *summary = record_object();
	size_t nulls = 0, count = 0, room = 0;
	const char **ids = NULL;

	for (size_t i = 0; i < record_length(defects); i++)
		room += record_length(record_get(record_at(defects, i), "caught"));
	ids = calloc(room + 1, sizeof(*ids));
	if (!ids)
		abort();
	for (size_t i = 0; i < record_length(defects); i++) {
		const struct record *row = record_at(defects, i),
				    *caught = record_get(row, "caught");

		nulls += record_bool(row, "null", false);
		for (size_t k = 0; k < record_length(caught); k++) {
			if (record_text(record_at(caught, k)))
				ids[count++] = record_text(record_at(caught, k));
		}
	}
	record_put_str(summary, "started", record_str(record_get(proof, "run"), "started", NULL));
	record_put_int(summary, "defects", (int64_t)(record_length(defects) - nulls));
	record_put_int(summary, "nulls", (int64_t)nulls);
	record_put(summary, "checks", sorted(ids, count));
	free(ids);
	return summary;
}

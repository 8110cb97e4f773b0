/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "reports/results/results_reader.h"
#include "run/batches.h"

/* Merges the results of a round's batches into those of the round, and the rounds into those of
 * the run. */

/* The results of one batch; RESULTS is NULL if its rig left none. */
struct part {
	struct record *results;
	struct results_reader *reader;
};

static struct part load_part(const char *folder, size_t index)
{
	CLEANUP(cleanup_free) char *path = batch_path(folder, index);
	struct part part = { NULL, NULL };

	record_load(AT_FDCWD, path, &part.results, NULL);
	part.reader = reader_from_record(part.results);
	unlink(path);
	return part;
}

/* The digests of vfsuite and of the quirks are the same on all rigs. */
static void put_digests(struct record *round, const struct record *part)
{
	static const char *const members[] = { "suite", "quirks" };
	const struct record *run = record_get(part, "run");

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if (record_get(run, members[i]))
			record_put(results_run(round), members[i],
					record_copy(record_get(run, members[i])));
	}
}

static void add_kernel_time(struct record *round, const struct record *part)
{
	struct record *run = results_run(round);

	record_put_real(run, "kernel_s",
			record_real(run, "kernel_s", 0) +
					record_real(record_get(part, "run"), "kernel_s", 0));
}

/* The result of a check in the parts of a round, valid until the next call; NULL: it did not
 * run. */
static const struct check_result *find_check(const struct batches *batches, unsigned round,
		const struct part *parts, const char *id)
{
	size_t index;

	for (size_t i = 0; i < batches->count; i++) {
		if (batches->list[i].round == round && reader_find(parts[i].reader, id, &index))
			return reader_check(parts[i].reader, index);
	}
	return NULL;
}

static struct record *ids_not_run(
		const struct batches *batches, unsigned round, const struct part *parts)
{
	struct record *not_run = record_array();

	for (size_t i = 0; i < batches->count; i++) {
		const struct record *ids = batches->list[i].ids;

		for (size_t k = 0; batches->list[i].round == round && k < record_length(ids); k++) {
			const char *id = record_text(record_at(ids, k));

			if (!find_check(batches, round, parts, id))
				record_add_str(not_run, id);
		}
	}
	return not_run;
}

/* In the order of the list of checks. */
static void add_checks(const struct batches *batches, struct record *results, unsigned round,
		const struct part *parts, const struct record *declared)
{
	for (size_t i = 0; i < record_length(declared); i++) {
		const char *id = record_str(record_at(declared, i), "id", "");
		const struct check_result *check = find_check(batches, round, parts, id);

		if (check)
			results_add(results, check);
	}
	record_put(results_run(results), "not_run", ids_not_run(batches, round, parts));
}

static struct record *merge_round(const struct batches *batches, const struct repeat *repeat,
		unsigned round, const struct part *parts, const struct record *declared,
		const struct err *cause)
{
	struct record *results = run_begin("", repeat_seed(repeat, round));
	bool complete = true;

	for (size_t i = 0; i < batches->count; i++) {
		const struct record *part = parts[i].results;
		const struct record *identity = record_get(part, "identity");

		if (batches->list[i].round != round)
			continue;
		complete = complete && record_bool(record_get(part, "run"), "complete", false);
		add_kernel_time(results, part);
		put_digests(results, part);
		if (reader_length(parts[i].reader) && identity)
			record_put(results, "identity", record_copy(identity));
	}
	add_checks(batches, results, round, parts, declared);
	record_put_bool(results_run(results), "complete", complete);
	record_put_str(results_run(results), "why",
			complete                      ? NULL
					: cause->code ? cause->msg
						      : "a rig ended early");
	return results;
}

void batches_merge(const struct batches *batches, const struct repeat *repeat, const char *folder,
		const struct record *declared, const struct err *cause, struct record *results)
{
	struct part *parts = calloc(batches->count, sizeof(*parts));
	CLEANUP(repeat_end) struct repeat_history history = repeat_begin(repeat);
	bool complete = true;

	if (!parts)
		abort();
	for (size_t i = 0; i < batches->count; i++)
		parts[i] = load_part(folder, i);
	for (unsigned round = 1; complete && round <= repeat->count; round++) {
		CLEANUP(cleanup_record)
		struct record *merged = merge_round(batches, repeat, round, parts, declared, cause);

		repeat_add(&history, results, merged);
		complete = record_bool(results_run(merged), "complete", false);
	}
	repeat_put(&history, results);
	for (size_t i = 0; i < batches->count; i++) {
		reader_free(parts[i].reader);
		record_free(parts[i].results);
	}
	free(parts);
}

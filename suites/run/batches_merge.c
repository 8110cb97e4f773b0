/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "reports/results/results.h"
#include "run/batches.h"

/* The results of the batches of a round become those of the round, and the rounds those of the run. */

static struct record *load_part(const char *folder, size_t index)
{
	CLEANUP(cleanup_free) char *path = batch_path(folder, index);
	struct record *part = NULL;

	record_load(AT_FDCWD, path, &part, NULL);
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

/* Object: the checks of the round's parts by id. */
static struct record *checks_by_id(
		const struct batches *batches, unsigned round, struct record **parts)
{
	struct record *found = record_object();

	for (size_t i = 0; i < batches->count; i++) {
		const struct record *list = record_get(parts[i], "checks");

		for (size_t k = 0; batches->list[i].round == round && k < record_length(list); k++)
			record_put(found, record_str(record_at(list, k), "id", ""),
					record_copy(record_at(list, k)));
	}
	return found;
}

static struct record *ids_not_run(
		const struct batches *batches, unsigned round, const struct record *found)
{
	struct record *not_run = record_array();

	for (size_t i = 0; i < batches->count; i++) {
		const struct record *ids = batches->list[i].ids;

		for (size_t k = 0; batches->list[i].round == round && k < record_length(ids); k++) {
			if (!record_get(found, record_text(record_at(ids, k))))
				record_add_str(not_run, record_text(record_at(ids, k)));
		}
	}
	return not_run;
}

/* In the order of the list of checks. */
static void put_checks(const struct batches *batches, struct record *results, unsigned round,
		struct record **parts, const struct record *declared)
{
	CLEANUP(cleanup_record) struct record *found = checks_by_id(batches, round, parts);
	struct record *checks = (struct record *)record_get(results, "checks");

	for (size_t i = 0; i < record_length(declared); i++) {
		const char *id = record_str(record_at(declared, i), "id", "");

		if (record_get(found, id))
			record_add(checks, record_copy(record_get(found, id)));
	}
	record_put(results_run(results), "not_run", ids_not_run(batches, round, found));
}

static struct record *merge_round(const struct batches *batches, const struct repeat *repeat,
		unsigned round, struct record **parts, const struct record *declared,
		const struct err *cause)
{
	struct record *results = run_begin("", repeat_seed(repeat, round));
	bool complete = true;

	for (size_t i = 0; i < batches->count; i++) {
		const struct record *identity = record_get(parts[i], "identity");

		if (batches->list[i].round != round)
			continue;
		complete = complete && record_bool(record_get(parts[i], "run"), "complete", false);
		add_kernel_time(results, parts[i]);
		put_digests(results, parts[i]);
		if (record_length(record_get(parts[i], "checks")) && identity)
			record_put(results, "identity", record_copy(identity));
	}
	put_checks(batches, results, round, parts, declared);
	results_summarize(results);
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
	struct record **parts = calloc(batches->count, sizeof(*parts));
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
	for (size_t i = 0; i < batches->count; i++)
		record_free(parts[i]);
	free(parts);
}

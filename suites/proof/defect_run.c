/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/defect_run.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "reports/results/results.h"

enum { VFS_LIMIT = 16 }; /* as in an ordinary run */

/* Checks that the defect does not name run to detect false alarms. A suite whose checks take up
 * to this time each takes no longer than bringing up the rig. */
#define QUICK_S 0.6

static void add_name(struct defect_selection *chosen, const char *name)
{
	chosen->names = realloc(chosen->names, (chosen->count + 1) * sizeof(*chosen->names));
	if (!chosen->names)
		abort();
	chosen->names[chosen->count++] = name;
}

static void add_names(struct defect_selection *chosen, const struct record *list)
{
	for (size_t i = 0; i < record_length(list); i++)
		add_name(chosen, record_text(record_at(list, i)));
}

/* The names before FIRST are suites, the others are checks. */
static void select_from(struct defect_selection *chosen, size_t first)
{
	chosen->selection = (struct selection){ .suites = chosen->names,
		.suite_count = first,
		.checks = chosen->names + first,
		.check_count = chosen->count - first,
		.skip_slow = true };
}

void defect_selection_all(const struct defects *defects, struct defect_selection *chosen)
{
	size_t suites;

	*chosen = (struct defect_selection){ 0 };
	for (size_t i = 0; i < defects->count; i++)
		add_names(chosen, defects->list[i]->suites);
	suites = chosen->count;
	for (size_t i = 0; i < defects->count; i++) {
		add_names(chosen, defects->list[i]->checks);
		add_names(chosen, defects->list[i]->expect);
	}
	select_from(chosen, suites);
}

static bool is_of_suites(const struct defect *defect, const char *suite)
{
	for (size_t i = 0; i < record_length(defect->suites); i++) {
		if (!fnmatch(record_text(record_at(defect->suites, i)), suite, 0))
			return true;
	}
	return false;
}

void defect_selection_one(const struct defect *defect, const struct record *sound, bool whole,
		struct defect_selection *chosen)
{
	const struct record *checks = record_get(sound, "checks");
	size_t suites;

	*chosen = (struct defect_selection){ 0 };
	if (whole)
		add_names(chosen, defect->suites);
	suites = chosen->count;
	add_names(chosen, defect->checks);
	add_names(chosen, defect->expect);
	for (size_t i = 0; !whole && i < record_length(checks); i++) {
		struct check_result check;

		if (check_result_from_record(
				    CHECK_RESULT_STORED, record_at(checks, i), &check, NULL) == 0 &&
				check.duration_s <= QUICK_S && is_of_suites(defect, check.suite))
			add_name(chosen, check.id);
	}
	select_from(chosen, suites);
}

void cleanup_defect_selection(struct defect_selection *chosen)
{
	free(chosen->names);
}

/* A snapshot of a changed machine would never be used again. */
static bool changes_machine(const struct defect *defect)
{
	for (size_t i = 0; i < defect->file->count; i++) {
		const char *kind = defect->file->sections[i].kind;

		if (strcmp(kind, "Defect") && strcmp(kind, "Register") && strcmp(kind, "Config") &&
				strcmp(kind, "Function") && strcmp(kind, "Rig"))
			return true;
	}
	return false;
}

/* Puts the requests into the run that break the rig from inside. */
static void put_defect(struct run *run, const struct defect *defect)
{
	run->registers = defect->registers;
	run->config = defect->config;
	run->functions = defect->functions;
	run->ignored = defect->ignored;
	run->pretended = defect->pretended;
	run->deals = defect->dealt;
}

static int begin_actions(struct rig *rig, const struct defect *defect, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < record_length(defect->begin); i++)
		rc = rig_act(rig, record_text(record_at(defect->begin, i)), NULL, err);
	return rc;
}

static int run_on_rig(const struct defect_run *defect_run, struct record *results, struct err *err)
{
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	const struct defect *defect = defect_run->defect;
	const struct ini *overlay = defect ? defect->file : NULL;
	struct rig_options options = *defect_run->options;
	struct run run = { .selection = defect_run->chosen->selection,
		.seed = 1,
		.vfs_limit = VFS_LIMIT,
		.after = AFTER_LEAVE,
		.quirks = defect_run->quirks,
		.events = defect_run->events };
	int64_t began_ms = clock_ms();
	int rc;

	options.overlays = &overlay;
	options.overlay_count = defect != NULL;
	if (defect) {
		options.boot_defect = defect->boot_defect;
		if (changes_machine(defect))
			rig_options_set(&options, "cold", "");
		put_defect(&run, defect);
	}
	rc = rig_up(&options, &rig, err);
	if (rc < 0)
		return rc;
	record_put_real(results_run(results), "rig_up_s", (double)(clock_ms() - began_ms) / 1000);
	if (defect)
		rc = begin_actions(rig, defect, err);
	run.rig = rig;
	return rc < 0 ? rc : run_execute(&run, results, err);
}

struct record *defect_run_execute(const struct defect_run *run)
{
	struct record *results = run_begin(run->command, 1);
	int64_t began_ms = clock_ms();
	struct err err = { 0 };

	if (run_on_rig(run, results, &err) < 0)
		run_failed(results, &err);
	record_put_real(results_run(results), "total_s", (double)(clock_ms() - began_ms) / 1000);
	return results;
}

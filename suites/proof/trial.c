/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/trial.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "reports/results/results.h"

/* A check of a defect's suites that nobody names is there to catch a false alarm. At up to this time
 * each, a suite of them costs no more than the rig itself. */
#define QUICK_S 0.6

static void add_name(struct wanted *wanted, const char *name)
{
	wanted->names = realloc(wanted->names, (wanted->count + 1) * sizeof(*wanted->names));
	if (!wanted->names)
		abort();
	wanted->names[wanted->count++] = name;
}

static void add_names(struct wanted *wanted, const struct record *list)
{
	for (size_t i = 0; i < record_length(list); i++)
		add_name(wanted, record_text(record_at(list, i)));
}

/* What has been added from FIRST on are checks, before it suites. */
static void select_from(struct wanted *wanted, size_t first)
{
	wanted->selection = (struct selection){ .suites = wanted->names,
		.suite_count = first,
		.checks = wanted->names + first,
		.check_count = wanted->count - first,
		.sparing = true };
}

void wanted_of_all(const struct defects *defects, struct wanted *wanted)
{
	size_t suites;

	*wanted = (struct wanted){ 0 };
	for (size_t i = 0; i < defects->count; i++)
		add_names(wanted, defects->list[i]->suites);
	suites = wanted->count;
	for (size_t i = 0; i < defects->count; i++) {
		add_names(wanted, defects->list[i]->checks);
		add_names(wanted, defects->list[i]->expect);
	}
	select_from(wanted, suites);
}

static bool is_of_suites(const struct defect *defect, const struct record *check)
{
	for (size_t i = 0; i < record_length(defect->suites); i++) {
		if (!fnmatch(record_text(record_at(defect->suites, i)),
				    record_str(check, "suite", ""), 0))
			return true;
	}
	return false;
}

void wanted_of_defect(const struct defect *defect, const struct record *sound, bool whole,
		struct wanted *wanted)
{
	const struct record *checks = record_get(sound, "checks");
	size_t suites;

	*wanted = (struct wanted){ 0 };
	if (whole)
		add_names(wanted, defect->suites);
	suites = wanted->count;
	add_names(wanted, defect->checks);
	add_names(wanted, defect->expect);
	for (size_t i = 0; !whole && i < record_length(checks); i++) {
		const struct record *check = record_at(checks, i);

		if (record_real(check, "duration_s", 0) <= QUICK_S && is_of_suites(defect, check))
			add_name(wanted, record_str(check, "id", ""));
	}
	select_from(wanted, suites);
}

void cleanup_wanted(struct wanted *wanted)
{
	free(wanted->names);
}

/* A defect that changes the machine makes a machine of its own; a snapshot of it would lie in the
 * cache for nothing. */
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

static int run_on_rig(const struct trial *trial, struct record *results, struct err *err)
{
	CLEANUP(cleanup_rig) struct rig *rig = NULL;
	const struct ini *overlay = trial->defect ? trial->defect->file : NULL;
	struct rig_options options = *trial->options;
	int64_t began_ms = clock_ms();
	int rc;

	options.overlays = &overlay;
	options.overlay_count = trial->defect != NULL;
	if (trial->defect)
		options.flaws = trial->defect->flaws;
	options.cold = options.cold || (trial->defect && changes_machine(trial->defect));
	rc = rig_up(&options, &rig, err);
	if (rc < 0)
		return rc;
	record_put_real(results_run(results), "rig_up_s", (double)(clock_ms() - began_ms) / 1000);
	for (size_t i = 0; trial->defect && i < record_length(trial->defect->begin); i++) {
		rc = rig_act(rig, record_text(record_at(trial->defect->begin, i)), NULL, err);
		if (rc < 0)
			return rc;
	}
	return run_execute(&(struct run){ .channel = rig_channel(rig),
					   .rig = rig_identity(rig),
					   .actor = rig,
					   .selection = trial->wanted->selection,
					   .seed = 1,
					   .after = AFTER_LEAVE,
					   .registers = trial->defect ? trial->defect->registers
								      : NULL,
					   .config = trial->defect ? trial->defect->config : NULL,
					   .functions = trial->defect ? trial->defect->functions
								      : NULL,
					   .ignored = trial->defect ? trial->defect->ignored : NULL,
					   .pretended = trial->defect ? trial->defect->pretended
								      : NULL,
					   .quirks = trial->quirks,
					   .events = trial->events },
			results, err);
}

struct record *trial_run(const struct trial *trial)
{
	struct record *results = run_begin(trial->command, 1);
	int64_t began_ms = clock_ms();
	struct err err = { 0 };

	if (run_on_rig(trial, results, &err) < 0)
		run_failed(results, &err);
	record_put_real(results_run(results), "total_s", (double)(clock_ms() - began_ms) / 1000);
	return results;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/proof_run.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "proof/defect_run.h"
#include "proof/proof.h"
#include "reports/results/results.h"
#include "rig/topology.h"
#include "run/progress.h"
#include "run/workers.h"

/* The defects that are tried on one topology. */
struct group {
	const char *topology; /* NULL: that of the options */
	struct rig_options options;
	struct defects defects; /* the array is the group's, the defects are not */
	struct record *sound;
};

struct trial {
	const struct proof_run *run;
	struct group *groups; /* that of the options first, if it has defects */
	size_t group_count;
	size_t *group_of;     /* each defect's */
	struct record **rows; /* of the proof, one for each defect that has been tried */
	size_t tried;
};

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		abort();
	return memory;
}

/* NULL: the topology of the options. */
static const char *topology_of(const struct proof_run *run, const struct defect *defect)
{
	const char *common = rig_option(run->options, "topology");

	return !defect->topology || !strcmp(defect->topology, common ? common : TOPOLOGY_DEFAULT)
			? NULL
			: defect->topology;
}

static size_t group_find(struct trial *trial, const char *topology)
{
	const struct proof_run *run = trial->run;
	struct group *group = trial->groups;

	for (; group < trial->groups + trial->group_count; group++) {
		bool same = topology && group->topology ? !strcmp(topology, group->topology)
							: topology == group->topology;

		if (same)
			return (size_t)(group - trial->groups);
	}
	group->topology = topology;
	group->options = *run->options;
	if (topology)
		rig_options_set(&group->options, "topology", topology);
	group->defects.list = allocate(run->defects->count, sizeof(*group->defects.list));
	return trial->group_count++;
}

static void trial_begin(struct trial *trial, const struct proof_run *run)
{
	size_t count = run->defects->count;

	trial->run = run;
	trial->groups = allocate(count + 1, sizeof(*trial->groups));
	trial->group_of = allocate(count, sizeof(*trial->group_of));
	trial->rows = allocate(count, sizeof(*trial->rows));
	if (proof_run_elsewhere(run) == 0 || proof_run_elsewhere(run) < count)
		group_find(trial, NULL);
	for (size_t i = 0; i < count; i++) {
		struct defect *defect = run->defects->list[i];
		size_t index = group_find(trial, topology_of(run, defect));
		struct defects *defects = &trial->groups[index].defects;

		trial->group_of[i] = index;
		defects->list[defects->count++] = defect;
	}
}

static void cleanup_trial(struct trial *trial)
{
	for (size_t i = 0; i < trial->group_count; i++) {
		free(trial->groups[i].defects.list);
		record_free(trial->groups[i].sound);
	}
	free(trial->groups);
	free(trial->group_of);
	free(trial->rows);
}

size_t proof_run_elsewhere(const struct proof_run *run)
{
	size_t count = 0;

	for (size_t i = 0; i < run->defects->count; i++)
		count += topology_of(run, run->defects->list[i]) != NULL;
	return count;
}

int proof_run_check(const struct proof_run *run, struct err *err)
{
	CLEANUP(cleanup_trial) struct trial trial = { 0 };
	int rc = 0;

	trial_begin(&trial, run);
	for (size_t i = 0; !rc && i < trial.group_count; i++) {
		const struct group *group = &trial.groups[i];

		if (!group->topology)
			continue;
		rc = rig_check(&group->options, err);
		if (rc < 0)
			err_prefix(err, "%s: [Defect] Topology=: ",
					group->defects.list[0]->file->file);
	}
	return rc;
}

static char *results_path(const struct proof_run *run, const char *name)
{
	return text_format("%s/results-%s.json", run->folder, name);
}

static void run_sound(const struct proof_run *run, struct group *group)
{
	CLEANUP(cleanup_defect_selection) struct defect_selection chosen = { 0 };
	CLEANUP(cleanup_free)
	char *name = text_format("sound%s%s", group->topology ? "-" : "",
			group->topology ? group->topology : "");
	CLEANUP(cleanup_free) char *path = results_path(run, name);
	struct progress progress = progress_begin(name);

	defect_selection_all(&group->defects, &chosen);
	group->sound = defect_run_execute(&(struct defect_run){ .options = &group->options,
			.quirks = run->quirks,
			.command = run->command,
			.chosen = &chosen,
			.events = progress_events(&progress) });
	progress_clear(&progress);
	record_save(AT_FDCWD, path, group->sound, NULL);
}

/* No defect is tried if a sound rig cannot be used. */
static int run_sounds(
		struct trial *trial, struct record *run, struct record **proof, struct err *err)
{
	for (size_t i = 0; i < trial->group_count; i++) {
		struct group *group = &trial->groups[i];
		const struct record *head;

		run_sound(trial->run, group);
		if (i)
			proof_add_sound(*proof, group->topology, group->sound);
		else
			*proof = proof_begin(run, group->topology, group->sound);
		head = results_run(group->sound);
		if (!record_bool(head, "complete", false))
			return err_set(err, EIO, "the rig without a defect%s%s: %s",
					group->topology ? " on " : "",
					group->topology ? group->topology : "",
					record_str(head, "why", ""));
	}
	return 0;
}

/* Runs in its own process, and writes the results to the file. */
static void try_defect(void *argument, size_t index)
{
	const struct trial *trial = argument;
	const struct proof_run *run = trial->run;
	const struct defect *defect = run->defects->list[index];
	const struct group *group = &trial->groups[trial->group_of[index]];
	CLEANUP(cleanup_defect_selection) struct defect_selection chosen = { 0 };
	CLEANUP(cleanup_free) char *path = results_path(run, defect->id);
	CLEANUP(cleanup_record) struct record *results = NULL;
	struct rig_options options = group->options;

	options.progress = NULL; /* it would repeat what the sound rig reported */
	defect_selection_one(defect, group->sound, run->whole, &chosen);
	results = defect_run_execute(&(struct defect_run){ .options = &options,
			.quirks = run->quirks,
			.command = run->command,
			.defect = defect,
			.chosen = &chosen });
	record_save(AT_FDCWD, path, results, NULL);
}

static void judge_defect(void *argument, size_t index)
{
	struct trial *trial = argument;
	const struct proof_run *run = trial->run;
	const struct defect *defect = run->defects->list[index];
	const struct record *sound = trial->groups[trial->group_of[index]].sound;
	CLEANUP(cleanup_free) char *path = results_path(run, defect->id);
	CLEANUP(cleanup_record) struct record *results = NULL;
	struct err err = { 0 };

	if (record_load(AT_FDCWD, path, &results, &err) < 0) {
		results = run_begin(run->command, 1);
		run_failed(results, &err);
	}
	trial->rows[index] = proof_row(defect, sound, results);
	proof_print_row(trial->rows[index], ++trial->tried, run->defects->count, stderr);
}

static struct record *begin_record(const struct proof_run *run)
{
	CLEANUP(cleanup_record) struct record *begun = run_begin(run->command, 1);

	return record_copy(record_get(begun, "run"));
}

struct record *proof_run_begin(const struct proof_run *run)
{
	return proof_begin(begin_record(run), NULL, NULL);
}

int proof_run_execute(const struct proof_run *run, struct record **proof, struct err *err)
{
	CLEANUP(cleanup_trial) struct trial trial = { 0 };
	int64_t began_ms = clock_ms();
	struct record *head;
	int rc;

	trial_begin(&trial, run);
	rc = run_sounds(&trial, begin_record(run), proof, err);
	if (!rc)
		rc = workers_run(&(struct workers){ run->jobs, try_defect, judge_defect, &trial },
				run->defects->count, err);
	for (size_t i = 0; i < run->defects->count; i++)
		proof_add(*proof, TAKE(trial.rows[i]));
	for (size_t i = 0; i < trial.group_count; i++)
		proof_finish(*proof, trial.groups[i].sound);
	head = record_edit(*proof, "run");
	record_put_real(head, "duration_s", (double)(clock_ms() - began_ms) / 1000);
	record_put_bool(head, "complete", rc == 0);
	record_put_str(head, "why", rc < 0 ? err->msg : NULL);
	return rc;
}

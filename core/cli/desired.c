/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "apply/apply_session.h"
#include "apply/link_loss_log.h"
#include "apply/store.h"
#include "base/cleanup.h"
#include "base/table.h"
#include "cli/desired.h"
#include "sriov/pf.h"

/* The verbs about policy files. */

static struct record *file_record(const struct desired *desired)
{
	struct record *record = record_object();

	record_put_str(record, "file", desired->file);
	record_put_bool(record, "good", !desired->broken);
	record_put_int(record, "vfs_with_settings", (int64_t)desired->vf_count);
	return record;
}

/* Files by name: nothing of this host is looked at. */
static int verify_files(const struct verb_call *call)
{
	CLEANUP(cleanup_desired) struct desired_set set = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	struct record *verified = record_object(), *files = record_array();
	int status;

	desired_load_files(call->args, call->count, &set, &diagnostics);
	for (size_t i = 0; i < set.count; i++)
		record_add(files, file_record(&set.items[i]));
	record_put(verified, "files", files);
	record_put(verified, "faults", diagnostics_to_record(&diagnostics));
	if (call_has(call, "json")) {
		status = call_print(call, "vfctl-verify/1", "verified", verified);
	} else {
		record_free(verified);
		desired_print_diagnostics(&set, &diagnostics);
		for (size_t i = 0; i < set.count; i++) {
			if (!set.items[i].broken)
				printf("%s is good\n", set.items[i].file);
		}
		status = call_printed(call);
	}
	return status ? status : diagnostics.count ? EXIT_USAGE : EXIT_GOOD;
}

/* One card of verify: whether its plan could be made. */
static void verify_card_of(
		const struct verb_call *call, struct work *work, struct selection *selection)
{
	CLEANUP(cleanup_plan) struct plan plan = { 0 };
	struct apply_session session = { 0 };
	struct record *card = work_card(work, selection);
	struct err err = { 0 };

	work_plan(work, selection, &session, &plan, &err);
	if (err.code && err.code != EBUSY) {
		work_tell(call, work, card, &err);
	} else if (!card) {
		work_print_heading(selection);
		puts(": good");
	}
}

static int run_verify(struct verb_call *call)
{
	CLEANUP(cleanup_work) struct work work = { 0 };
	int status;

	if (call->count)
		return verify_files(call);
	status = work_begin(call, false, &work);
	if (status)
		return status;
	for (size_t i = 0; i < work.selections.count; i++)
		verify_card_of(call, &work, &work.selections.items[i]);
	status = work_end(call, &work, "vfctl-verify/1");
	return work.diagnostics.count ? EXIT_USAGE : status;
}

static void print_plan(
		const struct selection *selection, const struct plan *plan, struct record *card)
{
	struct record *steps = card ? record_array() : NULL;
	char text[200];

	if (!card) {
		work_print_heading(selection);
		puts(plan_changes(plan) ? "" : ": nothing to change");
	}
	for (size_t i = 0; i < plan->count; i++) {
		if (card)
			record_add(steps, step_to_record(&plan->steps[i]));
		else
			printf("%4zu  %s\n", i + 1, step_text(&plan->steps[i], text, sizeof(text)));
	}
	if (card)
		record_put(card, "steps", steps);
}

static int run_plan(struct verb_call *call)
{
	CLEANUP(cleanup_work) struct work work = { 0 };
	int status = work_begin(call, false, &work);

	if (!status)
		status = work_demand_good_files(call, &work);
	if (status)
		return status;
	for (size_t i = 0; i < work.selections.count; i++) {
		CLEANUP(cleanup_plan) struct plan plan = { 0 };
		struct apply_session session = { .despite_owner = call_has(call, "despite-owner"),
			.despite_holder = call_value(call, "despite-holder") };
		struct selection *selection = &work.selections.items[i];
		struct record *card = work_card(&work, selection);
		struct err err = { 0 };

		work_plan(&work, selection, &session, &plan, &err);
		if (!err.code || plan.count)
			print_plan(selection, &plan, card);
		if (err.code)
			work_tell(call, &work, card, &err);
	}
	return work_end(call, &work, "vfctl-plan/1");
}

static struct record *drifts_record(const struct drifts *drifts)
{
	struct record *array = record_array();

	for (size_t i = 0; i < drifts->count; i++) {
		const struct drift *drift = &drifts->items[i];
		struct record *record = record_object();

		if (drift->vf >= 0)
			record_put_int(record, "vf", drift->vf);
		else
			record_put_null(record, "vf");
		record_put_str(record, "setting", drift->setting);
		record_put_str(record, "want", drift->want);
		record_put_str(record, "found", drift->found);
		record_add(array, record);
	}
	return array;
}

static void print_drifts(const struct drifts *drifts)
{
	static const char *const headings[] = { "VF", "SETTING", "WANTED", "FOUND" };
	CLEANUP(cleanup_table) struct table *table = table_new(4, headings);

	for (size_t i = 0; i < drifts->count; i++) {
		const struct drift *drift = &drifts->items[i];

		if (drift->vf >= 0)
			table_cell(table, "%d", drift->vf);
		else
			table_cell(table, "-");
		table_cell(table, "%s", drift->setting);
		table_cell(table, "%s", drift->want);
		table_cell(table, "%s", drift->found);
	}
	table_print(table, stdout);
}

/* A driver's own reset takes the link away, and so does the wire. Where the driver says which it was,
 * the wire is no drift. */
static void find_resets(struct work *work, const struct selection *selection,
		const struct applied *applied, struct drifts *drifts, struct diagnostics *notes)
{
	long losses = store_link_losses(work->host, applied, &selection->pf);
	struct link_loss_log log;
	char text[48], name[NAME_ROOM];

	if (losses < 0)
		return;
	snprintf(text, sizeof(text), "%ld", losses);
	if (!link_loss_log_read(work->host, &selection->pf, &log)) {
		if (losses)
			drifts_add(drifts, -1, "link losses since apply", "0", text);
		return;
	}
	if (log.resets || losses > log.wire) {
		snprintf(text, sizeof(text), "%ld, of which %ld by the wire", losses, log.wire);
		drifts_add(drifts, -1, "link losses since apply", "by the wire alone", text);
	} else if (losses) {
		diagnostic_add(notes, "%s: the wire had no link %ld times since apply",
				pf_name(&selection->pf.function, name, sizeof(name)), losses);
	}
}

/* What the settings do not show: that the card may have lost them since, or that there was never
 * an end. */
static void find_unseen(struct work *work, const struct selection *selection, struct drifts *drifts)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct bdf pf = selection->pf.function.bdf;
	struct applied applied;
	bool autoprobe;

	if (store_was_interrupted(work->host, pf, &autoprobe))
		drifts_add(drifts, -1, "last change", "done", "interrupted");
	if (!store_load(work->host, pf, false, &applied, &notes))
		find_resets(work, selection, &applied, drifts, &notes);
	work_note(work, &notes);
}

static void print_status(struct work *work, struct selection *selection, struct record *card)
{
	CLEANUP(cleanup_drifts) struct drifts drifts = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	const struct pf *pf = &selection->pf;
	char name[NAME_ROOM];

	drift_note_lacking(selection->desired, pf_name(&pf->function, name, sizeof(name)), &pf->net,
			&notes);
	work_note(work, &notes);
	drift_find(work->host, selection->desired, &selection->pf, &drifts);
	find_unseen(work, selection, &drifts);
	work->failed |= drifts.count > 0;
	if (card) {
		record_put_int(card, "settings", drifts.settings);
		record_put(card, "drift", drifts_record(&drifts));
		return;
	}
	work_print_heading(selection);
	if (!drifts.count) {
		printf(": %u settings, all as wanted\n", drifts.settings);
		return;
	}
	printf(": %zu of %u settings drifted\n", drifts.count, drifts.settings);
	print_drifts(&drifts);
}

static int run_status(struct verb_call *call)
{
	CLEANUP(cleanup_work) struct work work = { 0 };
	int status = work_begin(call, false, &work);

	if (status)
		return status;
	for (size_t i = 0; i < work.selections.count; i++) {
		struct selection *selection = &work.selections.items[i];
		struct record *card = work_card(&work, selection);

		if (selection->err.code)
			work_tell(call, &work, card, &selection->err);
		else
			print_status(&work, selection, card);
	}
	return work_end(call, &work, "vfctl-status/1");
}

static const struct flag flags_plan[] = {
	FLAG_DESPITE_OWNER,
	FLAG_DESPITE_HOLDER,
	{ 0 },
};

const struct verb verbs_desired[] = {
	{ "verify", "[FILE...]", "Say all that is wrong with policy files",
			"With FILE these files alone; without, those of this host, against its "
			"cards. Each error is told as FILE:LINE:COLUMN: what. The exit status is 2 "
			"when a file is not right, and 1 when a card is not there or cannot do "
			"what is wanted.",
			NULL, run_verify },
	{ "plan", "", "Show what apply would do, step by step",
			"Nothing is changed. The exit status is 1 when there is no card for a "
			"file, or a VF that would change is held.",
			flags_plan, run_plan },
	{ "status", "", "Show where this host's cards differ from the policy files",
			"The exit status is 1 when a setting drifted or a card is missing.\n\nWhat "
			"the kernel does not know is not seen: a reset of the card by its driver "
			"can lose a VF's VLAN and spoof check. It also takes the link away, so link "
			"losses since the last apply are reported as drift, unless the driver is known "
			"to log that it was the wire; apply writes all settings again. A reset past "
			"the driver (an FLR through sysfs) is seen where the driver's register dump "
			"is known.",
			NULL, run_status },
	{ 0 },
};

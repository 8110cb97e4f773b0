/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "apply/apply_session.h"
#include "apply/link_loss_log.h"
#include "apply/store.h"
#include "base/cleanup.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/policy_context.h"
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

/* Files by name. Does not look at this host. */
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

/* Verifies one card: whether its policy can be planned. */
static void verify_card_of(const struct verb_call *call, struct policy_context *context,
		struct selection *selection)
{
	CLEANUP(cleanup_plan) struct plan plan = { 0 };
	struct apply_session session = { 0 };
	struct record *card = policy_context_card(context, selection);
	struct err err = { 0 };

	policy_context_plan(context, selection, &session, &plan, &err);
	if (err.code && err.code != EBUSY) {
		policy_context_card_failed(call, context, card, &err);
	} else if (!card) {
		policy_context_print_heading(selection);
		puts(": good");
	}
}

static int run_verify(struct verb_call *call)
{
	CLEANUP(cleanup_policy_context) struct policy_context context = { 0 };
	int status;

	if (call->count)
		return verify_files(call);
	status = policy_context_load(call, false, &context);
	if (status)
		return status;
	for (size_t i = 0; i < context.selections.count; i++)
		verify_card_of(call, &context, &context.selections.items[i]);
	status = policy_context_end(call, &context, "vfctl-verify/1");
	return context.diagnostics.count ? EXIT_USAGE : status;
}

static void print_plan(
		const struct selection *selection, const struct plan *plan, struct record *card)
{
	struct record *steps = card ? record_array() : NULL;
	char text[200];

	if (!card) {
		policy_context_print_heading(selection);
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
	CLEANUP(cleanup_policy_context) struct policy_context context = { 0 };
	int status = policy_context_load(call, false, &context);

	if (!status)
		status = policy_context_demand_good_files(call, &context);
	if (status)
		return status;
	for (size_t i = 0; i < context.selections.count; i++) {
		CLEANUP(cleanup_plan) struct plan plan = { 0 };
		struct apply_session session = { .despite_owner = call_has(call, "despite-owner"),
			.despite_holder = call_value(call, "despite-holder") };
		struct selection *selection = &context.selections.items[i];
		struct record *card = policy_context_card(&context, selection);
		struct err err = { 0 };

		policy_context_plan(&context, selection, &session, &plan, &err);
		if (!err.code || plan.count)
			print_plan(selection, &plan, card);
		if (err.code)
			policy_context_card_failed(call, &context, card, &err);
	}
	return policy_context_end(call, &context, "vfctl-plan/1");
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

/* Both a reset by the driver and the wire take the link away. Where the driver's log says that
 * it was the wire, that is no drift. */
static void find_resets(struct policy_context *context, const struct selection *selection,
		const struct applied *applied, struct drifts *drifts, struct diagnostics *notes)
{
	long losses = store_link_losses(context->host, applied, &selection->pf);
	struct link_loss_log log;
	char text[48], name[NAME_ROOM];

	if (losses < 0)
		return;
	snprintf(text, sizeof(text), "%ld", losses);
	if (!link_loss_log_read(context->host, &selection->pf, &log)) {
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

/* What the settings do not show: the card may have lost them since, or an earlier change was
 * interrupted. */
static void find_unseen(struct policy_context *context, const struct selection *selection,
		struct drifts *drifts)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct bdf pf = selection->pf.function.bdf;
	struct applied applied;
	bool autoprobe;

	if (store_was_interrupted(context->host, pf, &autoprobe))
		drifts_add(drifts, -1, "last change", "done", "interrupted");
	if (!store_load(context->host, pf, false, &applied, &notes))
		find_resets(context, selection, &applied, drifts, &notes);
	policy_context_note(context, &notes);
}

static void print_status(
		struct policy_context *context, struct selection *selection, struct record *card)
{
	CLEANUP(cleanup_drifts) struct drifts drifts = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	const struct pf *pf = &selection->pf;
	char name[NAME_ROOM];

	drift_note_lacking(selection->desired, pf_name(&pf->function, name, sizeof(name)), &pf->net,
			&notes);
	policy_context_note(context, &notes);
	drift_find(context->host, selection->desired, &selection->pf, &drifts);
	find_unseen(context, selection, &drifts);
	context->failed |= drifts.count > 0;
	if (card) {
		record_put_int(card, "settings", drifts.settings);
		record_put(card, "drift", drifts_record(&drifts));
		return;
	}
	policy_context_print_heading(selection);
	if (!drifts.count) {
		printf(": %u setting%s, all as wanted\n", drifts.settings,
				text_plural(drifts.settings));
		return;
	}
	printf(": %zu of %u setting%s drifted\n", drifts.count, drifts.settings,
			text_plural(drifts.settings));
	print_drifts(&drifts);
}

static int run_status(struct verb_call *call)
{
	CLEANUP(cleanup_policy_context) struct policy_context context = { 0 };
	int status = policy_context_load(call, false, &context);

	if (status)
		return status;
	for (size_t i = 0; i < context.selections.count; i++) {
		struct selection *selection = &context.selections.items[i];
		struct record *card = policy_context_card(&context, selection);

		if (selection->err.code)
			policy_context_card_failed(call, &context, card, &selection->err);
		else
			print_status(&context, selection, card);
	}
	return policy_context_end(call, &context, "vfctl-status/1");
}

static const struct flag flags_plan[] = {
	FLAG_DESPITE_OWNER,
	FLAG_DESPITE_HOLDER,
	{ 0 },
};

const struct verb verbs_desired[] = {
	{ "verify", "[FILE...]", "Say all that is wrong with policy files",
			"With FILE these files alone; without, those of this host, against its "
			"cards. Each error is printed as FILE:LINE:COLUMN: what. The exit status is 2 "
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

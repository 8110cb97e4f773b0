/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/table.h"
#include "cli/desired.h"
#include "sriov/apply.h"
#include "sriov/lock.h"
#include "sriov/pf.h"

/* The verbs about policy files. */

static void print_heading(const struct matched *matched)
{
	char name[NAME_ROOM];

	text_print_safe(matched->desired->file, stdout);
	printf(": %s", pf_name(&matched->pf.function, name, sizeof(name)));
}

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
	CLEANUP(cleanup_faults) struct faults faults = { 0 };
	struct record *verified = record_object(), *files = record_array();
	int status;

	desired_load_files(call->args, call->count, &set, &faults);
	for (size_t i = 0; i < set.count; i++)
		record_add(files, file_record(&set.items[i]));
	record_put(verified, "files", files);
	record_put(verified, "faults", faults_record(&faults));
	if (call_has(call, "json")) {
		status = call_print(call, "vfctl-verify/1", "verified", verified);
	} else {
		record_free(verified);
		desired_print_faults(&set, &faults);
		for (size_t i = 0; i < set.count; i++) {
			if (!set.items[i].broken)
				printf("%s is good\n", set.items[i].file);
		}
		status = call_printed(call);
	}
	return status ? status : faults.count ? EXIT_USAGE : EXIT_GOOD;
}

/* One card of verify: whether its plan could be made. */
static void verify_card_of(const struct verb_call *call, struct work *work, struct matched *matched)
{
	CLEANUP(cleanup_plan) struct plan plan = { 0 };
	struct record *card = work_card(work, matched);
	struct err err = matched->err;

	if (!err.code)
		plan_make(work->host, matched->desired, &matched->pf, &plan, &err);
	if (err.code && err.code != EBUSY) {
		work_tell(call, work, card, &err);
	} else if (!card) {
		print_heading(matched);
		puts(": good");
	}
}

static int run_verify(struct verb_call *call)
{
	CLEANUP(cleanup_work) struct work work = { 0 };
	int status;

	if (call->count)
		return verify_files(call);
	status = work_begin(call, &work);
	if (status)
		return status;
	for (size_t i = 0; i < work.matches.count; i++)
		verify_card_of(call, &work, &work.matches.items[i]);
	status = work_end(call, &work, "vfctl-verify/1");
	return work.faults.count ? EXIT_USAGE : status;
}

static struct record *step_record(const struct step *step)
{
	struct record *record = record_object();
	char text[200];

	record_put_str(record, "step", step_name(step->kind));
	if (step->kind == STEP_POLICY || step->kind == STEP_BIND || step->kind == STEP_PROBE ||
			step->kind == STEP_UNBIND)
		record_put_int(record, "vf", step->vf);
	record_put_str(record, "text", step_text(step, text, sizeof(text)));
	return record;
}

static void print_plan(const struct matched *matched, const struct plan *plan, struct record *card)
{
	struct record *steps = card ? record_array() : NULL;
	char text[200];

	if (!card) {
		print_heading(matched);
		puts(plan_changes(plan) ? "" : ": nothing to change");
	}
	for (size_t i = 0; i < plan->count; i++) {
		if (card)
			record_add(steps, step_record(&plan->steps[i]));
		else
			printf("%4zu  %s\n", i + 1, step_text(&plan->steps[i], text, sizeof(text)));
	}
	if (card)
		record_put(card, "steps", steps);
}

static int run_plan(struct verb_call *call)
{
	CLEANUP(cleanup_work) struct work work = { 0 };
	int status = work_begin(call, &work);

	if (!status)
		status = work_demand_good_files(call, &work);
	if (status)
		return status;
	for (size_t i = 0; i < work.matches.count; i++) {
		CLEANUP(cleanup_plan) struct plan plan = { 0 };
		struct matched *matched = &work.matches.items[i];
		struct record *card = work_card(&work, matched);
		struct err err = matched->err;

		if (!err.code)
			plan_make(work.host, matched->desired, &matched->pf, &plan, &err);
		if (!err.code || err.code == EBUSY)
			print_plan(matched, &plan, card);
		if (err.code)
			work_tell(call, &work, card, &err);
	}
	return work_end(call, &work, "vfctl-plan/1");
}

static volatile sig_atomic_t interrupted;

static void note_signal(int number)
{
	interrupted = number;
}

static bool was_interrupted(void *argument)
{
	(void)argument;
	return interrupted;
}

static void tell_step(void *steps, const struct step *step, int rc)
{
	struct record *record;
	char text[200];

	if (!steps) {
		printf("  %-6s  %s\n", rc < 0 ? "FAILED" : "done",
				step_text(step, text, sizeof(text)));
		return;
	}
	record = step_record(step);
	record_put_bool(record, "done", rc >= 0);
	record_add(steps, record);
}

static void apply_one(const struct verb_call *call, struct work *work, struct matched *matched)
{
	CLEANUP(cleanup_plan) struct plan plan = { 0 };
	struct record *card = work_card(work, matched), *steps = card ? record_array() : NULL;
	struct apply_watch watch = { tell_step, was_interrupted, steps };
	struct err err = matched->err;

	if (!err.code)
		plan_make(work->host, matched->desired, &matched->pf, &plan, &err);
	if (!err.code) {
		if (!card) {
			print_heading(matched);
			putchar('\n');
		}
		apply_plan(work->host, &plan, &watch, &err);
	}
	if (card)
		record_put(card, "steps", steps);
	if (err.code)
		work_tell(call, work, card, &err);
	else if (!card)
		puts("  verified");
}

int call_lock(const struct verb_call *call, const struct host *host, int *lock, struct err *err)
{
	const char *text = call_value(call, "wait");
	uint64_t wait_s = LOCK_WAIT_S;

	if (text && number_parse(text, 0, 86400, &wait_s) < 0)
		return err_set(err, EINVAL, "--wait takes seconds from 0 to 86400, not '%s'", text);
	return lock_take(host, call->verb->name, (int)wait_s, lock, err);
}

static int run_apply(struct verb_call *call)
{
	CLEANUP(cleanup_work) struct work work = { 0 };
	CLEANUP(cleanup_host) struct host *host = NULL;
	CLEANUP(cleanup_fd) int lock = -1;
	struct err err = { 0 };
	int status;

	/* What is read before the lock may be another's half-done work. */
	if (call_host(call, &host, &err) < 0 || call_lock(call, host, &lock, &err) < 0)
		return call_failed(call, &err);
	status = work_begin(call, &work);
	if (!status)
		status = work_demand_good_files(call, &work);
	if (status)
		return status;
	signal(SIGINT, note_signal);
	signal(SIGTERM, note_signal);
	for (size_t i = 0; i < work.matches.count && !interrupted; i++)
		apply_one(call, &work, &work.matches.items[i]);
	return work_end(call, &work, "vfctl-apply/1");
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

static void print_status(struct work *work, struct matched *matched, struct record *card)
{
	CLEANUP(cleanup_drifts) struct drifts drifts = { 0 };

	drift_find(work->host, matched->desired, &matched->pf, &drifts);
	work->failed |= drifts.count > 0;
	if (card) {
		record_put_int(card, "settings", drifts.settings);
		record_put(card, "drift", drifts_record(&drifts));
		return;
	}
	print_heading(matched);
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
	int status = work_begin(call, &work);

	if (status)
		return status;
	for (size_t i = 0; i < work.matches.count; i++) {
		struct matched *matched = &work.matches.items[i];
		struct record *card = work_card(&work, matched);

		if (matched->err.code)
			work_tell(call, &work, card, &matched->err);
		else
			print_status(&work, matched, card);
	}
	return work_end(call, &work, "vfctl-status/1");
}

static const struct flag flags_apply[] = {
	{ "wait", 0, "S",
			"Wait at most S seconds for another vfctl that changes, 30 if not given" },
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
			NULL, run_plan },
	{ "apply", "", "Make this host's cards what the policy files want",
			"Everything is verified: settings are read back, and the VFs must be "
			"there and alive. Settings that read right are written again, since a "
			"reset of a card can lose them unseen. A card that cannot be brought "
			"there is put back as it was; the others go on, and the exit status is "
			"1.\n\nNothing is changed while a policy file has an error, nor on a card "
			"of which a VF that would change is held.",
			flags_apply, run_apply },
	{ "status", "", "Show where this host's cards differ from the policy files",
			"The exit status is 1 when a setting drifted or a card is missing.", NULL,
			run_status },
	{ 0 },
};

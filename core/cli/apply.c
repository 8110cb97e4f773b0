/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "apply/store.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/signals.h"
#include "cli/desired.h"

/* The verbs that make cards what the policy files want: by hand, and at boot. */

enum { CARD_POLL_MS = 100 };

static bool was_interrupted(void *argument)
{
	(void)argument;
	return signals_pending();
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
	record = step_to_record(step);
	record_put_bool(record, "done", rc >= 0);
	record_add(steps, record);
}

static void apply_one(const struct verb_call *call, struct work *work, struct selection *selection,
		struct apply_session session)
{
	CLEANUP(cleanup_plan) struct plan plan = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct record *card = work_card(work, selection), *steps = card ? record_array() : NULL;
	struct apply_watch watch = { tell_step, was_interrupted, steps };
	struct err err = { 0 };
	int rc = work_plan(work, selection, &session, &plan, &err);

	if (!rc && !card) {
		work_print_heading(selection);
		putchar('\n');
		fflush(stdout);
	}
	if (!rc)
		rc = apply_session_run(work->host, &plan, &session, &watch, &notes, &err);
	work_note(work, &notes);
	if (card)
		record_put(card, "steps", steps);
	if (rc < 0)
		work_tell(call, work, card, &err);
	else if (!card)
		puts("  verified");
}

/* What is read before the lock is had may be another's half-done work. */
static int begin(const struct verb_call *call, bool at_boot, struct work *work, int *lock)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	struct err err = { 0 };

	if (call_host(call, &host, &err) < 0 || call_lock(call, host, lock, &err) < 0)
		return call_failed(call, &err);
	signals_block();
	return work_begin(call, at_boot, work);
}

static int run_apply(struct verb_call *call)
{
	CLEANUP(cleanup_work) struct work work = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	struct apply_session session = { .despite_owner = call_has(call, "despite-owner"),
		.despite_holder = call_value(call, "despite-holder"),
		.rename_damaged = true };
	int status = begin(call, false, &work, &lock);

	if (!status)
		status = work_demand_good_files(call, &work);
	if (status)
		return status;
	for (size_t i = 0; i < work.selections.count && !signals_pending(); i++)
		apply_one(call, &work, &work.selections.items[i], session);
	apply_session_forget_others(work.host, &work.selections, &notes);
	work_note(&work, &notes);
	return work_end(call, &work, "vfctl-apply/1");
}

/* Whether the file is for the card that restore was asked for, if it was for one. */
static bool is_asked_for(
		const struct verb_call *call, const struct selection *selection, struct bdf pf)
{
	return !call->count || (!selection->err.code && bdf_equal(selection->pf.function.bdf, pf));
}

static void restore_one(
		const struct verb_call *call, struct work *work, struct selection *selection)
{
	struct apply_session session = { .unattended = true, .rename_damaged = true };
	struct record *card;

	work->failed |= selection->desired->partial;
	if (selection->err.code || call_has(call, "again") ||
			!store_is_restored(work->host, selection->pf.function.bdf)) {
		apply_one(call, work, selection, session);
		return;
	}
	card = work_card(work, selection);
	if (card) {
		record_put_bool(card, "already", true);
		return;
	}
	work_print_heading(selection);
	puts(": was restored in this boot already");
}

/* Every policy file has its card, and that its driver's interface. */
static bool is_complete(void *argument)
{
	CLEANUP(cleanup_selections) struct selections selections = { 0 };
	struct work *work = argument;
	bool complete = !selections_read(work->host, &work->set, &selections, NULL);

	for (size_t i = 0; i < selections.count; i++)
		complete &= selections.items[i].err.code != ENODEV &&
				(selections.items[i].err.code || selections.items[i].pf.net.index);
	return complete;
}

/* Drivers come up while the machine boots. Whoever waits for them does not hold the lock. */
static int wait_for_cards(const struct verb_call *call, struct err *err)
{
	CLEANUP(cleanup_work) struct work work = { 0 };
	const char *text = call_value(call, "card-wait");
	uint64_t wait_s;
	int rc;

	if (!text)
		return 0;
	if (number_parse(text, 0, 3600, &wait_s) < 0)
		return err_set(err, EINVAL, "--card-wait takes seconds from 0 to 3600, not '%s'",
				text);
	rc = call_host(call, &work.host, err);
	if (!rc)
		rc = desired_load_partial(work.host, &work.set, &work.diagnostics, err);
	if (!rc)
		clock_poll(is_complete, &work, deadline_in(1000 * (int64_t)wait_s), CARD_POLL_MS);
	return rc;
}

static int run_restore(struct verb_call *call)
{
	CLEANUP(cleanup_work) struct work work = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	struct bdf pf = { 0 };
	struct err err = { 0 };
	int status;

	if (wait_for_cards(call, &err) < 0)
		return call_failed(call, &err);
	status = begin(call, true, &work, &lock);
	if (status)
		return status;
	if (call->count && pf_find(work.host, call->args[0], &pf, &err) < 0)
		return call_failed(call, &err);
	work.failed = (work.diagnostics.count || work.selections.unreadable.count) && !call->count;
	for (size_t i = 0; i < work.selections.count && !signals_pending(); i++) {
		if (is_asked_for(call, &work.selections.items[i], pf))
			restore_one(call, &work, &work.selections.items[i]);
	}
	return work_end(call, &work, "vfctl-restore/1");
}

static const struct flag flags_apply[] = {
	FLAG_DESPITE_OWNER,
	FLAG_DESPITE_HOLDER,
	FLAG_WAIT,
	{ 0 },
};

static const struct flag flags_restore[] = {
	{ "again", 0, NULL, "Also cards that were restored in this boot" },
	{ "card-wait", 0, "S", "Wait at most S seconds until every policy file has its card" },
	FLAG_WAIT,
	{ 0 },
};

const struct verb verbs_apply[] = {
	{ "apply", "", "Make this host's cards what the policy files want",
			"Everything is verified: settings are read back, and the VFs must be "
			"there and alive. Settings that read right are written again, since a "
			"reset of a card can lose them unseen. A card that cannot be brought "
			"there is put back as it was; the others go on, and the exit status is "
			"1.\n\nNothing is changed while a policy file has an error, nor on a card "
			"of which a VF that would change is held, nor on one whose VFs another "
			"program's files manage.",
			flags_apply, run_apply },
	{ "restore", "[PF]", "Do at boot what apply does",
			"Each card once per boot. A bad policy file, a card that is missing, or "
			"another one in its place is told by name and stops none of the others; "
			"the exit status is 1 then. A drop-in that is bad is left out alone: the "
			"rest of its file is restored, and the exit status is 1 as well. With PF "
			"this card alone: for cards that appear late.",
			flags_restore, run_restore },
	{ 0 },
};

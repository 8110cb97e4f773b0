/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "apply/store.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/signals.h"
#include "cli/policy_context.h"

/* The verbs that change cards to what the policy files say: by hand, and at boot. */

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

static void apply_one(const struct verb_call *call, struct policy_context *context,
		struct selection *selection, struct apply_session session)
{
	CLEANUP(cleanup_plan) struct plan plan = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	struct record *card = policy_context_card(context, selection),
		      *steps = card ? record_array() : NULL;
	struct apply_watch watch = { tell_step, was_interrupted, steps };
	struct err err = { 0 };
	int rc = policy_context_plan(context, selection, &session, &plan, &err);

	if (!rc && !card) {
		policy_context_print_heading(selection);
		putchar('\n');
		fflush(stdout);
	}
	if (!rc)
		rc = apply_session_run(context->host, &plan, &session, &watch, &notes, &err);
	policy_context_note(context, &notes);
	if (card)
		record_put(card, "steps", steps);
	if (rc < 0)
		policy_context_card_failed(call, context, card, &err);
	else if (!card)
		puts("  verified");
}

/* Takes the lock first: what is read without it may be half of another process's change. */
static int begin(const struct verb_call *call, bool at_boot, struct policy_context *context,
		int *lock)
{
	CLEANUP(cleanup_host) struct host *host = NULL;
	struct err err = { 0 };

	if (call_host(call, &host, &err) < 0 || call_lock(call, host, lock, &err) < 0)
		return call_failed(call, &err);
	signals_block();
	return policy_context_load(call, at_boot, context);
}

static int run_apply(struct verb_call *call)
{
	CLEANUP(cleanup_policy_context) struct policy_context context = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	struct apply_session session = { .despite_owner = call_has(call, "despite-owner"),
		.despite_holder = call_value(call, "despite-holder"),
		.rename_damaged = true };
	int status = begin(call, false, &context, &lock);

	if (!status)
		status = policy_context_demand_good_files(call, &context);
	if (status)
		return status;
	for (size_t i = 0; i < context.selections.count && !signals_pending(); i++)
		apply_one(call, &context, &context.selections.items[i], session);
	apply_session_forget_others(context.host, &context.selections, &notes);
	policy_context_note(&context, &notes);
	return policy_context_end(call, &context, "vfctl-apply/1");
}

/* Whether the file is for the card that restore was asked for; without one, every file is. */
static bool is_asked_for(
		const struct verb_call *call, const struct selection *selection, struct bdf pf)
{
	return !call->count || (!selection->err.code && bdf_equal(selection->pf.function.bdf, pf));
}

static void restore_one(const struct verb_call *call, struct policy_context *context,
		struct selection *selection)
{
	struct apply_session session = { .unattended = true, .rename_damaged = true };
	struct record *card;

	context->failed |= selection->desired->partial;
	if (selection->err.code || call_has(call, "again") ||
			!store_is_restored(context->host, selection->pf.function.bdf)) {
		apply_one(call, context, selection, session);
		return;
	}
	card = policy_context_card(context, selection);
	if (card) {
		record_put_bool(card, "already", true);
		return;
	}
	policy_context_print_heading(selection);
	puts(": was restored in this boot already");
}

/* Whether each policy file has its card, and each card its interface. */
static bool is_complete(void *argument)
{
	CLEANUP(cleanup_selections) struct selections selections = { 0 };
	struct policy_context *context = argument;
	bool complete = !selections_read(context->host, &context->set, &selections, NULL);

	for (size_t i = 0; i < selections.count; i++)
		complete &= selections.items[i].err.code != ENODEV &&
				(selections.items[i].err.code || selections.items[i].pf.net.index);
	return complete;
}

/* Drivers come up while the machine boots. Waits for them without the lock. */
static int wait_for_cards(const struct verb_call *call, struct err *err)
{
	CLEANUP(cleanup_policy_context) struct policy_context context = { 0 };
	const char *text = call_value(call, "card-wait");
	uint64_t wait_s;
	int rc;

	if (!text)
		return 0;
	if (number_parse(text, 0, 3600, &wait_s) < 0)
		return err_set(err, EINVAL, "--card-wait takes seconds from 0 to 3600, not '%s'",
				text);
	rc = call_host(call, &context.host, err);
	if (!rc)
		rc = desired_load_partial(context.host, &context.set, &context.diagnostics, err);
	if (!rc)
		clock_poll(is_complete, &context, deadline_in(1000 * (int64_t)wait_s),
				CARD_POLL_MS);
	return rc;
}

static int run_restore(struct verb_call *call)
{
	CLEANUP(cleanup_policy_context) struct policy_context context = { 0 };
	CLEANUP(cleanup_fd) int lock = -1;
	struct bdf pf = { 0 };
	struct err err = { 0 };
	int status;

	if (wait_for_cards(call, &err) < 0)
		return call_failed(call, &err);
	status = begin(call, true, &context, &lock);
	if (status)
		return status;
	if (call->count && pf_find(context.host, call->args[0], &pf, &err) < 0)
		return call_failed(call, &err);
	context.failed = (context.diagnostics.count || context.selections.unreadable.count) &&
			!call->count;
	for (size_t i = 0; i < context.selections.count && !signals_pending(); i++) {
		if (is_asked_for(call, &context.selections.items[i], pf))
			restore_one(call, &context, &context.selections.items[i]);
	}
	return policy_context_end(call, &context, "vfctl-restore/1");
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
			"another one in its place is reported and stops none of the others; "
			"the exit status is 1 then. A drop-in that is bad is left out alone: the "
			"rest of its file is restored, and the exit status is 1 as well. With PF "
			"this card alone: for cards that appear late.",
			flags_restore, run_restore },
	{ 0 },
};

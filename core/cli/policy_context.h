/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_POLICY_CONTEXT_H
#define CLI_POLICY_CONTEXT_H

#include "apply/apply_session.h"
#include "apply/drift.h"
#include "cli/cli.h"
#include "policy/select_pf.h"

/* The host, its policy files and the cards that they select, as the verbs about policies use them. */
struct policy_context {
	struct host *host;
	struct desired_set set;
	struct diagnostics diagnostics;
	struct selections selections;
	struct record *cards; /* one object per file, with --json; else NULL */
	struct record *notes; /* as well */
	bool failed;          /* for the exit status: an error of some card or file was printed */
};

/* Loads the files of the host, at a boot without the drop-ins that have errors. Prints the errors;
 * returns EXIT_GOOD even with broken files among them. */
int policy_context_load(const struct verb_call *call, bool at_boot, struct policy_context *context);
void cleanup_policy_context(struct policy_context *context);

/* Files with errors forbid any change: returns EXIT_USAGE, and says so on standard error. */
int policy_context_demand_good_files(
		const struct verb_call *call, const struct policy_context *context);

/* Prints one card's error on standard error, puts it into the card's record, and sets "failed". */
void policy_context_card_failed(const struct verb_call *call, struct policy_context *context,
		struct record *card, const struct err *err);

/* Adds a record of a file's card to context->cards, which owns it; NULL without --json. */
struct record *policy_context_card(
		struct policy_context *context, const struct selection *selection);

/* apply_session_plan(); prints its notes. */
int policy_context_plan(struct policy_context *context, const struct selection *selection,
		struct apply_session *session, struct plan *plan, struct err *err);
void policy_context_note(struct policy_context *context, const struct diagnostics *notes);

/* "/etc/vfctl/10-lan.conf: 0000:01:00.0 (eth0)", without a newline. */
void policy_context_print_heading(const struct selection *selection);
struct record *step_to_record(const struct step *step);

/* Prints the records, if there are any, and returns the exit status. */
int policy_context_end(
		const struct verb_call *call, struct policy_context *context, const char *schema);

/* Prints all errors of the files, and a warning for each selector by name, on standard error. */
void desired_print_diagnostics(
		const struct desired_set *set, const struct diagnostics *diagnostics);
struct record *diagnostics_to_record(const struct diagnostics *diagnostics);

#endif

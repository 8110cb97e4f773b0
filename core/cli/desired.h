/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_DESIRED_H
#define CLI_DESIRED_H

#include "apply/apply_session.h"
#include "apply/drift.h"
#include "cli/cli.h"
#include "policy/select_pf.h"

/* What the verbs about policy files share. */
struct work {
	struct host *host;
	struct desired_set set;
	struct diagnostics diagnostics;
	struct selections selections;
	struct record *cards; /* one object per file, with --json; else NULL */
	struct record *notes; /* as well */
	bool failed;          /* something is to be told by the exit status */
};

/* Loads the files of the host, at a boot without the drop-ins that are not right. What is
 * wrong with them is printed; the exit status is EXIT_GOOD even with broken files among them. */
int work_begin(const struct verb_call *call, bool at_boot, struct work *work);
void cleanup_work(struct work *work);

/* Files that are not right forbid any change: EXIT_USAGE, and a word on standard error. */
int work_demand_good_files(const struct verb_call *call, const struct work *work);

/* One card's error: on standard error, and into its record. The exit status will tell. */
void work_tell(const struct verb_call *call, struct work *work, struct record *card,
		const struct err *err);

/* The record of a file's card, which belongs to work->cards; NULL without --json. */
struct record *work_card(struct work *work, const struct selection *selection);

/* apply_session_plan(), and says what is to be noted. */
int work_plan(struct work *work, const struct selection *selection, struct apply_session *session,
		struct plan *plan, struct err *err);
void work_note(struct work *work, const struct diagnostics *notes);

/* "/etc/vfctl/10-lan.conf: 0000:01:00.0 (eth0)", without a newline. */
void work_print_heading(const struct selection *selection);
struct record *step_to_record(const struct step *step);

/* Prints the records, if there are any, and gives the exit status. */
int work_end(const struct verb_call *call, struct work *work, const char *schema);

/* All that is wrong with files, and selectors by name, on standard error. */
void desired_print_diagnostics(
		const struct desired_set *set, const struct diagnostics *diagnostics);
struct record *diagnostics_to_record(const struct diagnostics *diagnostics);

#endif

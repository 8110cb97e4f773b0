/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFSUITE_TASK_H
#define VFSUITE_TASK_H

#include "sriov/lease.h"
#include "vfsuite/vfsuite.h"

/* One execution of a check, or of its second function if RESUME is set. */
struct task {
	struct dut *dut;
	const struct check *check;
	const struct record *observed, *resume;
	const struct listener *listener;
	struct lease *lease; /* the PF's state before the check, or NULL */
	int64_t began_us;
	bool had_carrier; /* the PF had one before the check */
	bool wire_is_cut; /* the check had the wire cut, and not yet mended */
	bool was_cut;     /* the check left the wire cut */
};

/* Runs the check in a child, and mends the wire if the check left it cut. The result has a
 * verdict, but no id yet. *STUCK is NULL, or says where in the kernel a child waits that no signal
 * ends; the caller frees it. */
void task_run(struct task *task, struct check_result *result, char **stuck);

/* Notes the state that a lease does not cover. */
void state_note(struct task *task);

/* Compares the card's state with the state before the check, restores it, and adds differences
 * to the result. STUCK: a process of the check hangs. Ends the task's lease. */
void state_judge(struct task *task, bool stuck, struct check_result *result,
		struct leftover *leftover);

/* Adds TROUBLE to the result, which becomes broken unless it is a fail. */
void task_trouble(struct check_result *result, const char *trouble);

/* The time that the check took up to and including the last boot; and since then. */
double task_spent_before(const struct task *task);
double task_seconds(const struct task *task);

#endif

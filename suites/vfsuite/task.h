/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFSUITE_TASK_H
#define VFSUITE_TASK_H

#include "sriov/lease.h"
#include "vfsuite/vfsuite.h"

/* A check as it is to be run: by its second function where it has crossed a boot. */
struct task {
	struct dut *dut;
	const struct check *check;
	const struct record *observed, *resume;
	const struct listener *listener;
	struct lease *lease; /* what the PF was before it, or NULL */
	int64_t began_us;
	bool had_carrier; /* the PF, before it */
	bool wire_is_cut; /* it has asked for that, and not for the contrary */
	bool was_cut;     /* and has left it so */
};

/* Runs it in a child, and mends the wire where it has not. The result has a verdict, and no id yet. *STUCK: NULL, or where the child waits
 * that no signal ends, for the caller to free. */
struct record *task_run(struct task *task, char **stuck);

/* Notes what no lease knows. */
void state_note(struct task *task);

/* Compares the card's state with what it was, puts back what differs, and adds that to the result.
 * STUCK: a process of the check hangs. The task's lease ends. */
void state_judge(struct task *task, bool stuck, struct record *result, struct leftover *leftover);

/* The rig or the check is at fault, unless the card is already. */
void task_trouble(struct record *result, const char *trouble);

/* The time that the check has taken in former lives of the machine, and to boot it; and in this one. */
double task_spent_before(const struct task *task);
double task_seconds(const struct task *task);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_EXECUTE_H
#define RUN_EXECUTE_H

#include <stdbool.h>

#include "data/record.h"
#include "reports/results/quirks.h"
#include "rig/rig.h"
#include "run/select.h"

/* One run of checks on a rig that is up. */

/* Callbacks to show progress; each may be NULL. wait() is called about once a second while nothing else
 * happens. */
struct run_events {
	void (*start)(void *argument, const char *check, size_t index, size_t total);
	void (*end)(void *argument, const struct check_result *check);
	void (*wait)(void *argument);
	void *argument;
};

/* What vfsuite does with the PF after the run. */
enum run_after {
	AFTER_RESTORE, /* restores its initial state */
	AFTER_KEEP,    /* keeps the VFs for the next run on the same channel */
	AFTER_LEAVE,   /* leaves it as it is, for a rig that is discarded */
};

/* The members of a defect may be NULL; suites/protocol.md describes them at the request "run". */
struct run {
	struct rig *rig;
	struct selection selection;
	int64_t seed;
	bool shuffle; /* run the checks in an order that the seed determines */
	bool deals;   /* VFs by the seed; VFs that do not work are set aside (observe/dut.h) */
	unsigned vfs_limit; /* VFs that are looked at; 0: as many as vfsuite can */
	enum run_after after;
	bool skip_destroying;          /* skip the checks that destroy the rig */
	const struct record *identity; /* from an earlier run on this channel; NULL: ask for it */
	const struct record *ignored;  /* actions that the rig only pretends to do */
	const struct record *pretended, *registers, *config, *functions;
	const struct quirks *quirks; /* applied to each verdict, or NULL */
	struct run_events events;
};

/* Makes empty results of a run that has not ended. COMMAND is what the user typed. */
struct record *run_begin(const char *command, int64_t seed);

/* Runs the checks and puts all findings into RESULTS. Returns 0 if every selected check has a
 * verdict, and -EINVAL for a selection that matches nothing.
 *
 * After any other error the results are marked incomplete with the cause, the check that was running is
 * broken, and the checks that were not reached are listed in "not_run" of the member "run". */
int run_execute(const struct run *run, struct record *results, struct err *err);

/* Marks RESULTS as incomplete, with ERR as the cause. */
void run_failed(struct record *results, const struct err *err);

#endif

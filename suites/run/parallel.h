/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_PARALLEL_H
#define RUN_PARALLEL_H

#include "run/repeat.h"
#include "run/workers.h"

/*
 * One run on several emulated rigs of the same kind at a time, because a run mostly waits for the
 * kernel. One round is divided by suites, several rounds by rounds. The results are those of one rig, in
 * the order of the list of checks.
 */
struct parallel {
	unsigned rigs; /* at most, 1 to WORKERS_LIMIT */
	const struct rig_options *options;
	const struct repeat *repeat;
	const char *folder; /* for the results of each batch, until they are merged */
};

/* How many rigs the run can use: 1 where there is nothing to divide. DECLARED is vfsuite's list of
 * checks, NULL where it cannot be had without a rig. */
unsigned parallel_rigs(const struct parallel *parallel, const struct run *run,
		const struct record *declared);

/* Like repeat_execute(), on that many rigs; RUN's member rig is set here. The
 * results' member "run" also gets "rigs" and "rig_up_s", the longest time until a rig was up. A rig that
 * fails ends the run. */
int parallel_execute(const struct parallel *parallel, const struct run *run,
		const struct record *declared, struct record *results, struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_PARALLEL_H
#define RUN_PARALLEL_H

#include "run/repeat.h"
#include "run/workers.h"

/*
 * One run on several emulated rigs of the same kind at a time, because a run mostly waits for the
 * kernel. Batches are suites in a run of one round, and rounds in a run of several. The results
 * read like those of one rig, in the order of the list of checks.
 */
struct parallel {
	unsigned rigs; /* at most, 1 to WORKERS_LIMIT */
	const struct rig_options *options;
	const struct repeat *repeat;
	const char *folder; /* for the results of each batch, until they are merged */
};

/* How many rigs the run can use; 1 if there is nothing to divide. DECLARED is vfsuite's list of
 * checks, NULL if vfsuite cannot list them without a rig. */
unsigned parallel_rigs(const struct parallel *parallel, const struct run *run,
		const struct record *declared);

/* Like repeat_execute(), on that many rigs; sets RUN's member rig. Adds "rigs" and
 * "rig_up_s", the longest time until a rig was up, to the results' member "run". A rig that
 * fails ends the run. */
int parallel_execute(const struct parallel *parallel, const struct run *run,
		const struct record *declared, struct record *results, struct err *err);

#endif

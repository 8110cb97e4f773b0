/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_SHARE_H
#define RUN_SHARE_H

#include "run/rounds.h"
#include "run/workers.h"

/*
 * One run on several emulated rigs of the same kind at a time: most of a run is waiting for the
 * kernel, and rigs cost little. One round is shared out by suites, several are by rounds. The results
 * are those of one rig, in the order of the list of checks.
 */
struct share {
	unsigned rigs; /* at most, 1 to WORKERS_LIMIT */
	const struct rig_options *options;
	const struct rounds *rounds;
	const char *folder; /* for what the rigs have found, until it is put together */
};

/* On how many rigs the run would be: 1 where there is nothing to share out. DECLARED is vfsuite's list
 * of checks, NULL where it cannot be had without a rig. */
unsigned share_rigs(
		const struct share *share, const struct run *run, const struct record *declared);

/* rounds_execute() on that many. CONDUCT's channel, rig and actor are the rigs' business. The member
 * "run" also gets "rigs" and "rig_up_s", the longest. A rig that fails ends the run. */
int share_execute(const struct share *share, const struct run *run, const struct record *declared,
		struct record *results, struct err *err);

#endif

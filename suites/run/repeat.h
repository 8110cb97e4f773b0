/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_REPEAT_H
#define RUN_REPEAT_H

#include <stdio.h>

#include "run/execute.h"

/*
 * The same checks several times on one rig, and the differences between these rounds. A check whose
 * verdict depends on the order, on the seed, or on chance certifies nothing.
 */
struct repeat {
	unsigned count;
	bool shuffle;
	int64_t first_seed;
};

/* The seed of a round, counted from 1. With shuffle each round has its own, so that one round
 * can be run again alone; otherwise all rounds have the first. */
int64_t repeat_seed(const struct repeat *repeat, unsigned round);

/* The verdicts of the rounds that ran. */
struct repeat_history {
	const struct repeat *repeat;
	struct record *verdicts, *seeds;
	unsigned done;
};

struct repeat_history repeat_begin(const struct repeat *repeat);
void repeat_end(struct repeat_history *history);

/* Adds ROUND, the results of the next round, to the history. RESULTS become a copy of it, but keep their
 * start time and command. */
void repeat_add(struct repeat_history *history, struct record *results, const struct record *round);

/* Puts the member "rounds" into RESULTS' member "run":
 * {"asked":N,"done":N,"shuffle":bool,"seeds":[...],
 *  "differ":[{"id","rounds":[{"round","seed","verdict","reason"}]}]}. */
void repeat_put(const struct repeat_history *history, struct record *results);

/* Executes all rounds of RUN, and sets its seed, shuffle, after and identity. RESULTS become
 * those of the last round. A round that fails is the last, and its error is returned. */
int repeat_execute(const struct repeat *repeat, const struct run *run, struct record *results,
		struct err *err);

/* Whether no check differs between rounds. */
bool repeat_agrees(const struct record *results);

/* Prints a line for each check that differs and a summary line; prints nothing after a single
 * round. */
void repeat_print(const struct record *results, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_ROUNDS_H
#define RUN_ROUNDS_H

#include <stdio.h>

#include "run/execute.h"

/*
 * The same checks several times on one rig, and what differs between the rounds: a check whose
 * verdict depends on the order, on the seed, or on chance certifies nothing.
 *
 * Round N has the seed FIRST + N - 1 where the order is shuffled, else all have the same one. So one
 * round alone can be had again with its own seed.
 */
struct rounds {
	unsigned count;
	bool shuffle;
	int64_t first_seed;
};

/* What is remembered of the rounds that ran. */
struct rounds_told {
	const struct rounds *rounds;
	struct record *history, *seeds;
	unsigned done;
};

struct rounds_told rounds_begin(const struct rounds *rounds);
void rounds_end(struct rounds_told *told);

/* The results of the next round become RESULTS', which keep when and by what command they began. */
void rounds_add(struct rounds_told *told, struct record *results, const struct record *round);

/* Puts the member "rounds" into RESULTS' member "run":
 * {"asked":N,"done":N,"shuffle":bool,"seeds":[...],
 *  "differ":[{"id","rounds":[{"round","seed","verdict","reason"}]}]}. */
void rounds_tell(const struct rounds_told *told, struct record *results);

/* Runs the rounds with CONDUCT, whose seed, shuffle, after and identity are the rounds' business.
 * RESULTS become those of the last round that ran. A round that does not end ends it all, with the
 * error of run_execute(). */
int rounds_execute(const struct rounds *rounds, const struct run *run, struct record *results,
		struct err *err);

/* True when there were no rounds, or no check differs between them. */
bool rounds_agree(const struct record *results);

/* One line for each check that differs, and one for the whole; nothing where there were no rounds. */
void rounds_print(const struct record *results, FILE *out);

#endif

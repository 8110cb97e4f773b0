/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_EXECUTE_H
#define RUN_EXECUTE_H

#include <stdbool.h>

#include "base/record.h"
#include "reports/results/quirks.h"
#include "rig/rig.h"
#include "run/select.h"

/* One run of checks on a rig that is up: what vfsuite is asked, and what is made of its answers. */

/* For whoever shows progress; each may be NULL. wait() is called about once a second while nothing else
 * happens. */
struct run_events {
	void (*start)(void *argument, const char *check, size_t index, size_t total);
	void (*end)(void *argument, const struct record *check); /* as in the results */
	void (*wait)(void *argument);
	void *argument;
};

/* What becomes of the PF after the run. */
enum run_after {
	AFTER_RESTORE, /* it is as it was before */
	AFTER_KEEP,    /* its VFs stand for the next run on the same channel */
	AFTER_LEAVE,   /* it stays as it is, on a rig that is thrown away */
};

struct run {
	struct channel *channel;
	const struct record *rig; /* rig_identity() */
	struct rig *actor;        /* does what a check asks the rig for; NULL: nobody does */
	struct selection selection;
	int64_t seed;
	bool shuffle; /* the checks run in an order that the seed fixes */
	enum run_after after;
	bool sparing;                   /* checks that spoil the rig do not run */
	const struct record *identity;  /* of a former run on this channel; NULL: it is asked for */
	const struct record *ignored;   /* actions that the rig only claims to do, or NULL */
	const struct record *pretended; /* system calls that are made in vain, or NULL */
	const struct record *registers; /* of the defect, or NULL */
	const struct record *config;    /* the same */
	const struct record *functions; /* the same */
	const struct quirks *quirks;    /* applied to each verdict, or NULL */
	struct run_events events;
};

/* Results before anything has happened: incomplete, without identity and checks. COMMAND is what the
 * user typed. */
struct record *run_begin(const char *command, int64_t seed);

/* Fills RESULTS, as far as it comes. 0: every check that was asked has a verdict. Otherwise the run
 * is marked incomplete with the cause, the check in flight is broken, and those that were not
 * reached are named in the run's member "not_run"; -EINVAL is a selection that fits nothing. */
int run_execute(const struct run *run, struct record *results, struct err *err);

/* Marks RESULTS as incomplete for the cause, where the rig did not even come up. */
void run_failed(struct record *results, const struct err *err);

#endif

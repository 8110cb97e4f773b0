/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_RUN_JOB_H
#define RUN_RUN_JOB_H

#include "command/verb.h"
#include "reports/results/certification_profile.h"
#include "run/parallel.h"

/*
 * One run on one kind of rig, with its results in a folder. The caller owns everything it points to,
 * except results and console, which run_job_free() frees.
 */
struct run_job {
	const char *folder;
	const char *prefix; /* of each line of progress, or "" */
	struct rig_options options;
	struct repeat repeat;
	unsigned rigs; /* the most of that kind at a time */
	struct selection selection;
	unsigned vfs_limit;
	const struct record *listing; /* vfsuite's; NULL if that takes a rig */
	const struct quirks *quirks;
	const struct certification_profile *profile;

	struct record *results;
	char *console; /* last lines of the rig's console, or NULL */
};

/* Claims the folder and writes results to it that say that the run has not ended. COMMAND is
 * what the user typed. */
int run_job_begin(struct run_job *job, const char *command, struct err *err);

/* Runs, and writes the results in all formats to the folder. ERR has the cause if the status is
 * EXIT_USAGE or EXIT_UNUSABLE; its code is EINTR after a signal. */
enum exit_status run_job_execute(struct run_job *job, struct err *err);

void run_job_free(struct run_job *job);

#endif

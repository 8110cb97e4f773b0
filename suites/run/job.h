/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include "base/verb.h"
#include "reports/results/certification_profile.h"
#include "run/parallel.h"

/* One run on one kind of rig, and its results in a folder. What it points to is the caller's, but for the
 * results and the console, which job_free() frees. */
struct job {
	const char *folder;
	const char *prefix; /* of each line of progress, or "" */
	struct rig_options options;
	struct repeat repeat;
	unsigned rigs; /* of that kind at a time, at most */
	struct selection selection;
	const struct record *listing; /* of vfsuite; NULL where it cannot be had without a rig */
	const struct quirks *quirks;
	const struct certification_profile *profile;

	struct record *results;
	char *console; /* of the rig when it ended, or NULL */
};

/* Takes the folder and leaves results in it that say that the run has not ended. COMMAND is what the
 * user typed. */
int job_begin(struct job *job, const char *command, struct err *err);

/* The run, and its results in all forms in the folder. ERR has why, where the status is EXIT_USAGE or
 * EXIT_UNUSABLE; its code is EINTR after a signal. */
enum exit_status job_run(struct job *job, struct err *err);

void job_free(struct job *job);

#endif

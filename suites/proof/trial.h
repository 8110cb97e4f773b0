/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_TRIAL_H
#define PROOF_TRIAL_H

#include "proof/defect.h"
#include "rig/rig.h"
#include "run/execute.h"

/* One rig of a proof: it is brought up, checked, and thrown away. A defect must not outlive it. */

/* Whose checks run: names and patterns that live as long as the defects. */
struct wanted {
	const char **names;
	size_t count;
	struct selection selection;
};

/* On the sound rig: all that any of the defects runs. */
void wanted_of_all(const struct defects *defects, struct wanted *wanted);

/* On the rig with the defect: the checks that it names, and those of its suites that were quick on
 * the sound rig, or with WHOLE all of them. SOUND lives as long as WANTED. */
void wanted_of_defect(const struct defect *defect, const struct record *sound, bool whole,
		struct wanted *wanted);
void cleanup_wanted(struct wanted *wanted);

struct trial {
	const struct rig_options *options;
	const struct quirks *quirks;
	const char *command;
	const struct defect *defect; /* NULL: the sound rig */
	const struct wanted *wanted;
	struct run_events events;
};

/* Runs the checks. The results tell how it went; "total_s" in their member "run" is all the time that
 * it took, with the rig's. */
struct record *trial_run(const struct trial *trial);

#endif

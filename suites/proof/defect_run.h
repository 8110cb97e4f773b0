/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_DEFECT_RUN_H
#define PROOF_DEFECT_RUN_H

#include "proof/defect.h"
#include "rig/rig.h"
#include "run/execute.h"

/* A rig of a proof, with a defect or sound: it is brought up, checked, and discarded. */

/* The checks to run: names and patterns, which belong to the defects. */
struct defect_selection {
	const char **names;
	size_t count;
	struct selection selection;
};

/* For the sound rig: everything that any of the defects runs. */
void defect_selection_all(const struct defects *defects, struct defect_selection *chosen);

/* For the rig with the defect: the checks that the defect names, and those of its suites that
 * were quick on the sound rig, or all of them with WHOLE. SOUND must live as long as CHOSEN. */
void defect_selection_one(const struct defect *defect, const struct record *sound, bool whole,
		struct defect_selection *chosen);
void cleanup_defect_selection(struct defect_selection *chosen);

struct defect_run {
	const struct rig_options *options;
	const struct quirks *quirks;
	const char *command;
	const struct defect *defect; /* NULL: the sound rig */
	const struct defect_selection *chosen;
	struct run_events events;
};

/* Runs the checks and returns the results, which say whether the run is complete. "total_s" in their
 * member "run" includes the time to bring up the rig. */
struct record *defect_run_execute(const struct defect_run *run);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROOF_PROOF_RUN_H
#define PROOF_PROOF_RUN_H

#include <stdbool.h>

#include "proof/defect.h"
#include "reports/results/quirks.h"
#include "rig/rig.h"

/*
 * A proof (proof/proof.h) from the rigs: a sound one on each topology that is needed, and then one for each
 * defect, which is compared with the sound one of its own topology. A defect's own topology comes before
 * that of the options, which is for all other defects.
 */
struct proof_run {
	const struct rig_options *options;
	const struct quirks *quirks;
	const char *command; /* what the user typed */
	const char *folder; /* for the results of each rig: results-DEFECT.json, results-sound.json and
			      * results-sound-TOPOLOGY.json */
	const struct defects *defects;
	unsigned jobs; /* rigs with a defect at a time */
	bool whole;    /* run whole suites, and not only their quick checks */
};

/* How many defects do not run on the topology of the options. */
size_t proof_run_elsewhere(const struct proof_run *run);

/* Checks the topologies that defects name as far as possible without bringing anything up. */
int proof_run_check(const struct proof_run *run, struct err *err);

/* Makes a proof that has not begun. */
struct record *proof_run_begin(const struct proof_run *run);

/* Makes PROOF, which the caller frees, even after an error: a signal, or a sound rig that cannot be
 * used. Prints its progress to standard error. */
int proof_run_execute(const struct proof_run *run, struct record **proof, struct err *err);

#endif

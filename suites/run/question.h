/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_QUESTION_H
#define RUN_QUESTION_H

#include "run/execute.h"

/* What a run asks vfsuite, and how. */

/* After a boot of the machine it is another one. */
struct channel *question_channel(const struct run *run);

/* A vfsuite is there, and it is not a former one that answers. */
int question_greet(const struct run *run, struct err *err);

/* The checks that it has; DECLARED is the caller's. */
int question_checks(const struct run *run, struct record **declared, struct err *err);

/* Puts what the card is into RESULTS: members of vfsuite's own, and the rig as the controller knows
 * it. The machine under test does not say whether it is emulated. */
int question_identity(const struct run *run, struct record *results, struct err *err);

/* The request to run IDS. */
struct record *question_run(const struct run *run, const struct record *ids);

#endif

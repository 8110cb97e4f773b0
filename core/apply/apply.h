/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_APPLY_H
#define APPLY_APPLY_H

#include "apply/plan.h"

/* Callbacks around the steps: ON_STEP is called after each, with its outcome. STOPPED is called
 * before each; true ends the plan as a failed step does. Both may be NULL. */
struct apply_watch {
	void (*on_step)(void *argument, const struct step *step, int rc);
	bool (*stopped)(void *argument);
	void *argument;
};

/*
 * Does the steps, then compares the card with its policy file: every setting as the kernel reports
 * it, every VF in config space, drivers, interfaces, the PF's link. Where something fails, it undoes
 * what was done; the message says whether that worked, and if not, what remains.
 */
int apply_plan(const struct host *host, const struct plan *plan, const struct apply_watch *watch,
		struct err *err);

#endif

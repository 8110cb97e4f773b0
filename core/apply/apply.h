/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_APPLY_H
#define APPLY_APPLY_H

#include "apply/plan.h"

/* Who wants to know of the steps: TOLD is called after each, with its outcome. STOPPED, asked
 * before each, ends it as a failed step does. Both may be NULL. */
struct apply_watch {
	void (*told)(void *argument, const struct step *step, int rc);
	bool (*stopped)(void *argument);
	void *argument;
};

/*
 * Does the steps, then holds the card against its policy file: every setting as the kernel reports
 * it, every VF in config space, drivers, interfaces, the PF's link. Where something fails, what was
 * done is undone; the message says whether that worked, and else what stands.
 */
int apply_plan(const struct host *host, const struct plan *plan, const struct apply_watch *watch,
		struct err *err);

#endif

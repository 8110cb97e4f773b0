/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_VERIFY_H
#define APPLY_VERIFY_H

#include "apply/plan.h"

/* What a card was before a change, of that which has to be the same after it. */
struct verification {
	struct bdf pf;
	bool carrier; /* its interface had a link */
};

struct verification verify_begin(const struct host *host, struct bdf pf);

/* 0 if the card is as the plan's policy file says, and alive: its settings read back, each VF
 * answers in config space, each VF that the plan bound to a network driver has its interface, and
 * the PF has the link that it had (waits for it). -EREMOTEIO: something is not; the message names
 * the first. */
int verify_card(const struct host *host, const struct plan *plan, const struct verification *before,
		struct err *err);

#endif

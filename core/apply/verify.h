/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_VERIFY_H
#define APPLY_VERIFY_H

#include "apply/plan.h"

/* What a card was before a change, as far as it must be so after it. */
struct verification {
	struct bdf pf;
	bool carrier; /* its interface had a link */
};

struct verification verify_begin(const struct host *host, struct bdf pf);

/* 0 where the card is as the plan's policy file wants it, and alive: its settings read back, each VF
 * answers in config space, one that the plan bound to a network driver has its interface, and the PF
 * has the link that it had (which is waited for). -EREMOTEIO names the first that is not so. */
int verify_card(const struct host *host, const struct plan *plan, const struct verification *before,
		struct err *err);

#endif

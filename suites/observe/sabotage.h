/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_SABOTAGE_H
#define OBSERVE_SABOTAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/record.h"
#include "host/bar.h"

/*
 * Register writes that break the card behind its driver's back, so that a check can be seen to
 * fail (fixtures/defects/README.md). They are applied each time that a check turns from acting to
 * observing: its own settings cannot heal them. An ordinary run has none.
 */
struct register_write {
	uint32_t address;     /* in BAR 0 of the PF */
	uint32_t mask, match; /* applied where (value & mask) == match */
	uint32_t clear, set;
};

struct sabotage {
	struct bar bar;
	size_t count;
	struct register_write *writes;
};

/* From the member "registers" of the request; an absent or empty list gives none. */
int sabotage_open(const struct host *host, struct bdf pf, const struct record *registers,
		struct sabotage *sabotage, struct err *err);
void sabotage_close(struct sabotage *sabotage);

void sabotage_apply(const struct sabotage *sabotage);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_SLOT_H
#define RIG_SLOT_H

#include "rig/topology.h"

/*
 * The slot of the card under test: the one that the topology gives it, or another one, behind a root
 * port of vfcert's own that is there only while the card is in it. Nothing else of the machine moves.
 * Zero: the card is in its own.
 */
struct slot {
	struct topology_item *own; /* the topology's devices while the card is in the other */
	size_t own_count;
};

/* Whether the card can be moved, and found by its MAC address afterwards. */
bool slot_is_free(const struct topology *topology);

/* Moves the card to the other slot, or back. */
void slot_change(struct slot *slot, struct topology *topology);

/* The PF as a program on the machine finds it: its address, or in the other slot its MAC address. */
const char *slot_pf(const struct slot *slot, const struct topology *topology);

/* The card is in its own slot. */
void slot_free(struct slot *slot, struct topology *topology);

#endif

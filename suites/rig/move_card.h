/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_MOVE_CARD_H
#define RIG_MOVE_CARD_H

#include "rig/topology.h"

/*
 * Moves the card under test between its own slot and another one, behind a root port of vfcert's that
 * exists only while the card is in it. The other devices keep their addresses.
 *
 * A struct of zeroes means that the card is in its own slot.
 */
struct moved_card {
	struct topology_item *devices; /* the topology's, while the card is in the other slot */
	size_t count;
};

/* Whether the card can be moved: it shares its slot with no other device, and has a MAC address by which
 * it can be found afterwards. */
bool card_can_move(const struct topology *topology);

/* Moves the card to the other slot, or back. */
void card_move(struct moved_card *card, struct topology *topology);

/* Moves the card back if it is in the other slot. */
void card_move_back(struct moved_card *card, struct topology *topology);

/* The PF's name for vfsuite: its address, or in the other slot its MAC address. */
const char *card_pf(const struct moved_card *card, const struct topology *topology);

#endif

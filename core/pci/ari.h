/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_ARI_H
#define PCI_ARI_H

#include "pci/space.h"

/*
 * Whether the VFs of a device may be at addresses that only ARI reaches. ARI Capable Hierarchy is a
 * bit in the lowest-numbered PF of a device and applies to all its PFs, in which it reads 0 (PCIe
 * 6.0, 9.3.3.3.5); Linux sets it in the first PF on the bus.
 */
enum ari_state {
	ARI_OFF,
	ARI_ON,
	ARI_UNKNOWN, /* the lowest-numbered PF may be missing from the dump */
};

/* ARI Capable Hierarchy, as it applies to the card's PF. */
enum ari_state ari_of_card(const struct card *card);

/* The same for a function of HOST; off if its configuration space cannot be read. */
enum ari_state ari_of_function(const struct host *host, struct bdf pf);

#endif

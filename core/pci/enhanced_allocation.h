/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_ENHANCED_ALLOCATION_H
#define PCI_ENHANCED_ALLOCATION_H

#include "pci/space.h"

/*
 * Enhanced Allocation (PCIe 6.0, 7.8.5): fixed addresses, in entries of a capability, in place of
 * BARs that then read 0. The BAR Equivalent Indicator of an entry tells which BAR it stands for.
 */
enum {
	EA_BAR_0 = 0,    /* BARs 0 to 5 of the function: 0 to 5 */
	EA_VF_BAR_0 = 9, /* VF BARs 0 to 5: 9 to 14 */
};

struct ea_entry {
	uint64_t base, last; /* the first address, and the last; of VF 0 for a VF BAR */
};

/* Finds the memory that an enabled entry gives to INDICATOR. False: none does. */
bool ea_find(const struct space *space, unsigned indicator, struct ea_entry *entry);

#endif

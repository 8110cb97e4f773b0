/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_FINGERPRINT_H
#define PCI_FINGERPRINT_H

#include "data/digest.h"
#include "pci/space.h"

/*
 * What a function's configuration space says about its model: the place and version of each
 * capability, and those of its registers that hardware fixes. Leaves out what software or a link
 * sets: command and status, addresses in BARs and of MSI, link and error status, NumVFs, First VF
 * Offset and VF Stride (they depend on ARI), serial numbers, and the contents of unknown
 * capabilities. Two runs on one card therefore give the same digest.
 */
void fingerprint_digest(const struct space *space, char digest[DIGEST_TEXT]);

#endif

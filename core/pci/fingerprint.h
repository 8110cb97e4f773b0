/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PCI_FINGERPRINT_H
#define PCI_FINGERPRINT_H

#include "data/digest.h"
#include "pci/space.h"

/*
 * What a function's configuration space says of its model: which capability of which version is where,
 * and those of its registers that hardware fixes. All that is left out is what software or a link sets:
 * command and status, addresses in BARs and of MSI, link and error status, NumVFs, First VF Offset and
 * VF Stride (they follow ARI), serial numbers, and whatever is in capabilities that are not known. So
 * two runs on one card give one digest.
 */
void fingerprint_digest(const struct space *space, char digest[DIGEST_TEXT]);

#endif

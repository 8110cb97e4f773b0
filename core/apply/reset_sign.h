/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_RESET_SIGN_H
#define APPLY_RESET_SIGN_H

#include "sriov/inventory.h"

/*
 * Whether a PF that is up was reset past its driver (an FLR through sysfs, by firmware, by an error
 * handler): the driver and the kernel go on as if nothing had been, report a link and all settings,
 * and the card neither sends nor receives. It is seen where the driver's register dump is known;
 * elsewhere, and for a PF that is down, the answer is false.
 */
bool pf_was_reset(const struct host *host, const struct pf *pf);

#endif

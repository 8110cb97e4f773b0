/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLY_RESET_DETECT_H
#define APPLY_RESET_DETECT_H

#include "sriov/inventory.h"

/*
 * Whether a PF that is up was reset without its driver (an FLR through sysfs, by firmware, by an
 * error handler): the driver and the kernel go on as if nothing had happened, report a link and all
 * settings, and the card neither sends nor receives. Only the driver's register dump shows it:
 * false for a driver whose dump is not known, and for a PF that is down.
 */
bool pf_was_reset(const struct host *host, const struct pf *pf);

#endif

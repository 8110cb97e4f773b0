/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_VFIO_H
#define HOST_VFIO_H

#include <stdbool.h>

#include "host/host.h"

/* Whether the VFIO group GROUP may be given to a user: all of its members are bound to vfio
 * drivers or to none. -EBUSY: another process has it open. */
int vfio_group_viable(const struct host *host, int group, bool *viable, struct err *err);

#endif

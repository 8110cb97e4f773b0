/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_ETHTOOL_H
#define HOST_ETHTOOL_H

#include "host/host.h"

/* What an interface's driver says of itself and of the card's firmware; "" where it says nothing
 * and on a recorded tree. */
void netdev_driver_says(const struct host *host, const char *name, char *version,
		size_t version_size, char *firmware, size_t firmware_size);

#endif

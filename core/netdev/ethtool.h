/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_ETHTOOL_H
#define NETDEV_ETHTOOL_H

#include "base/mac.h"
#include "host/host.h"

/* What an interface's driver says of itself and of the card's firmware; "" where it says nothing
 * and on a recorded tree. */
void netdev_driver_says(const struct host *host, const char *name, char *version,
		size_t version_size, char *firmware, size_t firmware_size);

/* The bus address of the interface's device, "0000:01:10.0", of NAME in the calling thread's
 * namespace. -ENOENT: its driver says none. */
int netdev_bus_address(const char *name, char *address, size_t size);

/* The address that the card gave the interface, which a change of its address does not touch; on a
 * recorded tree the one it has. -ENOENT: there is none. */
int netdev_permanent_mac(const struct host *host, const char *name, struct mac *mac);

/* Word WORD of the register dump that the interface's driver gives, whose layout is the driver's own.
 * -EOPNOTSUPP: it gives none, or a shorter one, and on a recorded tree. */
int netdev_register(const struct host *host, const char *name, unsigned word, uint32_t *value);

#endif

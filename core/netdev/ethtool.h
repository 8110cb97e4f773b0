/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_ETHTOOL_H
#define NETDEV_ETHTOOL_H

#include "base/mac.h"
#include "host/host.h"

/* What the driver of an interface reports of itself and of the card's firmware; "" for what it
 * does not report, and on a recorded tree. */
void netdev_driver_says(const struct host *host, const char *name, char *version,
		size_t version_size, char *firmware, size_t firmware_size);

/* The bus address, "0000:01:10.0", of the device of interface NAME in the calling thread's
 * namespace. -ENOENT: its driver reports none. */
int netdev_bus_address(const char *name, char *address, size_t size);

/* The address that the card gave the interface, which does not change with the address in use;
 * on a recorded tree the address in use. -ENOENT: there is none. */
int netdev_permanent_mac(const struct host *host, const char *name, struct mac *mac);

/* Word WORD of the register dump that the interface's driver returns; each driver has its own
 * layout. -EOPNOTSUPP: the driver returns no dump or a shorter one, or the tree is a recorded one.
 * */
int netdev_register(const struct host *host, const char *name, unsigned word, uint32_t *value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_BRIDGE_TABLE_H
#define NETDEV_BRIDGE_TABLE_H

#include "base/mac.h"
#include "host/host.h"

/*
 * Bridges forget that they have learned MAC at the interface BELOW, or at what is stacked on it (its
 * VLANs, its bond). While a guest sends through a VF, the card shows the PF its broadcasts, and a
 * bridge on the PF learns its MAC there. Once the guest is on the bridge itself, frames of the wire for it
 * come in at the port at which it is said to be, and are dropped until it sends (Linux 6.12,
 * net/bridge/br_forward.c, should_deliver()). Entries that an administrator has made stay.
 */
int bridges_forget(const struct host *host, const char *below, struct mac mac, struct err *err);

#endif

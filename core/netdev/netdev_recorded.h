/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_NETDEV_RECORDED_H
#define NETDEV_NETDEV_RECORDED_H

#include "netdev/netdev.h"

/* netdev_read() for a recorded tree: without the settings of VFs. */
int netdev_read_recorded(
		const struct host *host, const char *name, struct netdev *netdev, struct err *err);

#endif

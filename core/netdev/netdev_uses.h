/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_NETDEV_USES_H
#define NETDEV_NETDEV_USES_H

#include <net/if.h>
#include <stddef.h>

#include "host/host.h"

/*
 * What the interfaces of the calling thread's network namespace are used for. One reading of the
 * kernel's lists of interfaces and addresses serves any number of interfaces.
 */
struct netdev_use {
	int index;
	char name[IFNAMSIZ];
	bool up;
	unsigned addresses; /* of an administrator or DHCP: link-local ones do not count */
};

struct netdev_uses {
	size_t count;
	struct netdev_use *items; /* by index; none of a recorded tree, which is read when asked */
	struct err err; /* what kept the lists from being read; each answer is this error */
};

void netdev_uses_read(const struct host *host, struct netdev_uses *uses);
void netdev_uses_free(struct netdev_uses *uses);

/* -ENODEV: no interface is named NAME. */
int netdev_uses_of(const struct host *host, const struct netdev_uses *uses, const char *name,
		struct netdev_use *use, struct err *err);

/* The name of one interface stacked on NAME, such as a bridge, a VLAN or a macvtap; "": none is. */
void netdev_upper(const struct host *host, const char *name, char *upper, size_t size);

#endif

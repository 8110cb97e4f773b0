/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/netdev_recorded.h"

#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * An interface of a recorded tree: what sys/class/net contains, without the settings of VFs.
 */

static int attribute(const struct host *host, const char *name, const char *what, char *value,
		size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/class/net/%s/%s", name, what);
	return host_read(host, path, value, size, NULL);
}

static long number(const struct host *host, const char *name, const char *what)
{
	char value[32];

	return attribute(host, name, what, value, sizeof(value)) < 0 ? 0 : strtol(value, NULL, 0);
}

static void read_address(const struct host *host, const char *name, struct netdev *netdev)
{
	char text[NETDEV_ADDRESS_TEXT];

	if (attribute(host, name, "address", text, sizeof(text)) < 0 ||
			text[strspn(text, "0123456789abcdefABCDEF:")])
		return;
	snprintf(netdev->address, sizeof(netdev->address), "%s", text);
	(void)mac_parse(text, &netdev->mac);
}

int netdev_read_recorded(
		const struct host *host, const char *name, struct netdev *netdev, struct err *err)
{
	char path[64];
	unsigned long flags;

	*netdev = (struct netdev){ 0 };
	snprintf(path, sizeof(path), "sys/class/net/%.20s", name);
	if (!*name || strlen(name) >= IFNAMSIZ || strchr(name, '/') || !host_exists(host, path))
		return err_set(err, ENODEV, "no network interface is named %s", name);
	flags = (unsigned long)number(host, name, "flags");
	snprintf(netdev->name, sizeof(netdev->name), "%s", name);
	netdev->index = (int)number(host, name, "ifindex");
	netdev->mtu = (uint32_t)number(host, name, "mtu");
	netdev->up = flags & IFF_UP;
	netdev->promiscuous = flags & IFF_PROMISC;
	netdev->allmulti = flags & IFF_ALLMULTI;
	netdev->carrier = netdev->up && number(host, name, "carrier") == 1;
	netdev->layer = number(host, name, "type") == ARPHRD_INFINIBAND ? LAYER_INFINIBAND
									: LAYER_ETHERNET;
	read_address(host, name, netdev);
	return 0;
}

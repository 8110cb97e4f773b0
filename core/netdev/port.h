/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_PORT_H
#define NETDEV_PORT_H

#include <net/if.h>

#include "host/host.h"

/*
 * The network interfaces of a PCI function. Most functions have one. A card whose eswitch is in
 * switchdev mode has, beside its uplink, an interface that represents each of its VFs and
 * subfunctions, and on a DPU those of the host's PFs (Linux, Documentation/networking/
 * representors.rst). A ConnectX-3 has an uplink for each of its two ports.
 *
 * Drivers name what an interface is for in phys_port_name (Linux 6.12, net/devlink/port.c,
 * __devlink_port_phys_port_name_get()).
 */
enum port_kind {
	PORT_UPLINK,
	PORT_PF, /* represents a PF */
	PORT_VF, /* represents VF number NUMBER of PF */
	PORT_SF, /* represents subfunction NUMBER of PF */
};

enum { PORT_NAME_ROOM = 128 }; /* for any name of an interface: ALTIFNAMSIZ of Linux */

struct port {
	char name[IFNAMSIZ];
	enum port_kind kind;
	bool external; /* PF belongs to another host: to CONTROLLER */
	unsigned controller, pf, number;
	long dev_port; /* of an uplink, from 0 */
};

/* Sets all but the name and dev_port. False: NAME is the name of no representor, so it may be that
 * of an uplink. */
bool port_parse(const char *phys_port_name, struct port *port);

/* Reads the interfaces that BDF has in this network namespace: uplinks first, by dev_port. The
 * caller frees PORTS. Returns their number. */
size_t function_ports(const struct host *host, struct bdf bdf, struct port **ports);

/* Finds the function that the interface NAME belongs to, and what it is there. On the running
 * machine NAME may be an alternative name; PORT has the interface's own. -ENODEV: there is no such
 * interface, or it is none of a PCI function. */
int port_find(const struct host *host, const char *name, struct bdf *bdf, struct port *port);

/* Writes "VF 3", "SF 88 of PF 1", "PF 0 of controller 1": what a representor represents. */
const char *port_text(const struct port *port, char *text, size_t size);

/* The name of the function's first uplink, below its virtio device too. -ENOENT: it has none in
 * this network namespace. */
int function_netdev(const struct host *host, struct bdf bdf, char *name, size_t size);

/* Whether the function has an interface in any network namespace: its folder "net" is there as long
 * as it has one anywhere, and shows those of this namespace. */
bool function_has_netdev_anywhere(const struct host *host, struct bdf bdf);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_DEVLINK_H
#define NETDEV_DEVLINK_H

#include "host/host.h"

/*
 * The switch inside a card (its eswitch), which connects its VFs to the wire. In legacy mode it is
 * set through the PF: VLAN, spoof check and so on of each VF. In switchdev mode an interface
 * represents each VF on the host, and the host's bridge or tc rules take the place of most of
 * these settings (Linux, Documentation/networking/devlink/devlink-eswitch-attr.rst).
 */
enum eswitch_mode {
	ESWITCH_UNKNOWN, /* the driver does not offer devlink, or only root may ask it */
	ESWITCH_LEGACY,
	ESWITCH_SWITCHDEV,
	ESWITCH_SWITCHDEV_INACTIVE, /* switchdev, and no frame passes yet */
};

/* Asks the driver of the PF. A recorded tree does not have the answer. */
enum eswitch_mode devlink_eswitch_mode(const struct host *host, struct bdf pf);

/* "legacy", as devlink prints it; "unknown". */
const char *eswitch_mode_name(enum eswitch_mode mode);

#endif

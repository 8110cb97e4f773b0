/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_GUEST_BRIDGES_H
#define CHECKS_GUEST_BRIDGES_H

#include "checks/guest/tenants.h"

/*
 * The networks of tenants as a host carries them beside VFs: a bridge for each, which has the PF's interface of
 * the network's VLAN as a port. Profiles for them:
 *
 *   red, blue                 a VF, and no other NIC will do
 *   red-bridge, blue-bridge   on the bridge
 *   pair                      a VF in red, whose standby is on red-bridge
 *   fallback                  a VF in red if one is free, and else on the bridge
 */
#define RED_BRIDGE  "vfcert-red"
#define BLUE_BRIDGE "vfcert-blue"

/* Shell scripts that make and remove them; $1 is the PF's interface. */
extern const char bridges_make[], bridges_drop[];

/* After tenants_open(), and before tenants_close(). */
int bridges_open(struct tenants *tenants);
void bridges_close(struct tenants *tenants);

/* The host's end of the NIC of a guest that is the BRIDGE's port; "" if no NIC with that MAC is. */
int bridge_find_tap(
		struct tenants *tenants, const char *bridge, struct mac mac, char tap[IFNAMSIZ]);

/* What a guest sends through its NIC on a bridge is counted at the host's end of it. */
struct crossing {
	struct endpoint *tap; /* NULL: the guest has none */
};
int crossing_open(struct tenants *tenants, const char *bridge, struct mac mac,
		struct crossing *crossing);
void crossing_close(struct crossing *crossing);

/* Sends a burst to the wire, as tenant_sends() does, and counts how much of it came by the bridge. */
int crossing_sends(struct tenants *tenants, const struct crossing *crossing,
		const struct tenant *tenant, struct received *received, unsigned *by_bridge);

#endif

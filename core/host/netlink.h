/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_NETLINK_H
#define HOST_NETLINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/mac.h"
#include "host/host.h"

/*
 * Network interfaces and the settings of a PF's VFs, through rtnetlink (libnl-route-3), in the
 * network namespace of the calling thread.
 *
 * An operation that the PF's driver does not have is -EOPNOTSUPP. Errors name the interface, the
 * VF, and the setting.
 */

enum vf_link_state { VF_LINK_AUTO, VF_LINK_ENABLE, VF_LINK_DISABLE };

/* Which settings of a struct vf_policy count. */
enum vf_setting {
	VF_MAC = 1 << 0,
	VF_VLAN = 1 << 1, /* with qos and proto: the kernel sets the three at once */
	VF_SPOOFCHK = 1 << 2,
	VF_TRUST = 1 << 3,
	VF_RATE = 1 << 4, /* both rates */
	VF_LINK = 1 << 5,
};

/* What the PF's administrator has set for one VF. */
struct vf_policy {
	unsigned settings; /* enum vf_setting: those the driver reports, or those to change */
	struct mac mac;    /* zero: the VF chooses */
	uint16_t vlan;     /* 0: no port VLAN */
	uint8_t qos;       /* priority of the port VLAN */
	uint16_t proto;    /* 0x8100 or 0x88a8; 0 where VLAN is 0 */
	bool spoofchk, trust;
	uint32_t min_rate, max_rate; /* Mbit/s, 0: no limit */
	enum vf_link_state link;
};

struct netdev {
	int index;
	char name[IFNAMSIZ];
	struct mac mac;
	uint32_t mtu;
	bool up, carrier, promiscuous, allmulti;
	int master; /* index of the bridge or bond that holds it, 0: none */
	unsigned vf_count;
	struct vf_policy *vfs; /* vf_count of them, for netdev_free() */
};

/* -ENODEV where there is no such interface. */
int netdev_read(const struct host *host, const char *name, struct netdev *netdev, struct err *err);
void netdev_free(struct netdev *netdev);

int netdev_set_up(const struct host *host, const char *name, bool up, struct err *err);
int netdev_set_mtu(const struct host *host, const char *name, uint32_t mtu, struct err *err);
int netdev_set_mac(const struct host *host, const char *name, struct mac mac, struct err *err);

/* Moves the interface into the network namespace that NS_FD stands for, as NEW_NAME there. */
int netdev_move(const struct host *host, const char *name, int ns_fd, const char *new_name,
		struct err *err);

/* Changes the settings in CHANGE->settings of VF, in the order MAC, VLAN, rate, spoof check, link
 * state, trust. The first refusal ends it. */
int netdev_set_vf(const struct host *host, const char *pf, unsigned vf,
		const struct vf_policy *change, struct err *err);

/* What stands on NAME: the number of addresses that an administrator or DHCP gave it (link-local
 * ones do not count), and the name of one interface stacked on it ("" : none), such as a VLAN or
 * macvtap. */
int netdev_uses(const struct host *host, const char *name, unsigned *addresses, char *upper,
		size_t size, struct err *err);

#endif

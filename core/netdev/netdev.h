/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_NETDEV_H
#define NETDEV_NETDEV_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/mac.h"
#include "host/host.h"
#include "netdev/vf_settings.h"

/*
 * Network interfaces and the settings of a PF's VFs, through rtnetlink (libnl-route-3), in the
 * network namespace of the calling thread.
 *
 * -EOPNOTSUPP: the PF's driver does not support the operation. Errors name the interface, the VF,
 * and the setting.
 */

enum { NETDEV_ADDRESS_TEXT = 3 * 32 }; /* of MAX_ADDR_LEN octets */

struct netdev {
	int index;
	char name[IFNAMSIZ];
	enum link_layer layer;             /* LAYER_INFINIBAND: an interface of IPoIB */
	char address[NETDEV_ADDRESS_TEXT]; /* "52:54:00:12:34:56"; 20 octets with IPoIB; or "" */
	struct mac mac;                    /* the address if it has six octets, else zero */
	uint32_t mtu;
	bool up, carrier, promiscuous, allmulti;
	int master; /* index of its bridge or bond, 0: none */
	unsigned vf_count;
	struct vf_settings *vfs; /* vf_count of them, for netdev_free() */
	char vfs_unread[80];     /* why the settings of VFs could not be read; "": they were */
};

/* -ENODEV: there is no such interface. */
int netdev_read(const struct host *host, const char *name, struct netdev *netdev, struct err *err);
void netdev_free(struct netdev *netdev);

/* The name of the interface with the alternative name ALTNAME. -ENODEV: there is none, or the host
 * is a recorded tree, which has no alternative names. */
int netdev_of_altname(const struct host *host, const char *altname, char name[IFNAMSIZ]);

int netdev_set_up(const struct host *host, const char *name, bool up, struct err *err);
int netdev_set_mtu(const struct host *host, const char *name, uint32_t mtu, struct err *err);
int netdev_set_mac(const struct host *host, const char *name, struct mac mac, struct err *err);

/* Moves the interface into the network namespace of NS_FD, where it is called NEW_NAME. */
int netdev_move(const struct host *host, const char *name, int ns_fd, const char *new_name,
		struct err *err);

/* Returns "infiniband", as in JSON. */
const char *link_layer_name(enum link_layer layer);

/* Sets the settings in CHANGE->given of VF, in the order of vf_setting_table. Stops at the first
 * refusal. */
int netdev_set_vf(const struct host *host, const char *pf, unsigned vf,
		const struct vf_settings *change, struct err *err);

#endif

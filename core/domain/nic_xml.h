/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_NIC_XML_H
#define DOMAIN_NIC_XML_H

#include "domain/domain.h"

/*
 * The <interface> element that attaches a NIC, which domain_parse() reads back as the same.
 *
 * A VF's interface always has a <vlan>, with id 0 for none. libvirt sets the port VLAN of a VF from
 * it (virHostdevSetNetConfig() and virNetDevSetVfVlan(), libvirt 12); without it, it clears the one
 * that an administrator has set, and passes over a driver that refuses to (EPERM). Id 0 clears it
 * too, but a refusal is then an error: a guest never starts in another VLAN than was asked for.
 */
struct nic_wanted {
	/* NIC_HOSTDEV: the VF at HOST. NIC_NETWORK: a VF of libvirt's pool NETWORK. NIC_BRIDGE: a
	 * virtio NIC on BRIDGE. */
	enum nic_kind kind;
	const char *alias; /* "ua-" and letters, digits, '_', '-': libvirt drops any other */
	struct mac mac;    /* unicast */
	struct bdf host;
	const char *network, *bridge;
	uint16_t vlan;            /* 0 to 4094; 0: none. On a bridge from libvirt 11 */
	enum nic_teaming teaming; /* a VF is transient, a virtio NIC persistent */
	const char *persistent;   /* with TEAMING_TRANSIENT, the alias of the other NIC */
	unsigned boot;            /* order from 1, 0: none */
	bool has_guest;           /* else libvirt chooses the place in the guest */
	struct bdf guest;
	const char *driver; /* "vfio", "vhost", "qemu", or NULL: libvirt's choice */

	/* Of a NIC_BRIDGE; libvirt has neither for a VF: its MTU is the guest's, its link state is
	 * a setting of the PF. */
	uint32_t mtu; /* 0: the bridge's */
	enum nic_link link;
};

/* Returns the XML for the caller to free. -EINVAL: WANTED breaks a rule above; the message says
 * which. */
int nic_xml(const struct nic_wanted *wanted, char **xml, struct err *err);

#endif

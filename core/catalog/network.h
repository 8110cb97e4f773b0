/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_NETWORK_H
#define CATALOG_NETWORK_H

#include <net/if.h>

#include "catalog/definition.h"

/* A logical network, which vNICs and hosts connect to whichever card carries it. In a file
 * /etc/vfctl/networks/NAME.network, section [Network]. */
struct network {
	struct definition head;
	char description[200];
	bool vm;                      /* carries vNICs of VMs; else only the host's own traffic */
	bool required;                /* a host that does not carry it cannot run its VMs */
	bool isolated;                /* its ports do not reach each other */
	uint32_t vlan;                /* 0: untagged */
	uint32_t mtu;                 /* 0: any */
	struct string_set labels;     /* allowlists name networks by these, several at once */
	char bridge[IFNAMSIZ];        /* the Linux bridge that carries it on this host, or "" */
	char provider[NAME_MOST + 1]; /* an external system that carries it, such as OVN, or "" */
};

extern const struct definition_kind network_kind;

#endif

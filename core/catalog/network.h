/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_NETWORK_H
#define CATALOG_NETWORK_H

#include <net/if.h>

#include "catalog/definition.h"

/* A logical network, to which vNICs and hosts connect through any card. It is in a file
 * /etc/vfctl/networks/NAME.network, section [Network]. */
struct network {
	struct definition head;
	char description[200];
	bool vm;                      /* carries vNICs of VMs; else only traffic of the host */
	bool required;                /* a host without it cannot run its VMs */
	bool isolated;                /* its ports cannot reach each other */
	uint32_t vlan;                /* 0: untagged */
	uint32_t mtu;                 /* 0: any */
	struct string_set labels;     /* allowlists select several networks at once by these */
	char bridge[IFNAMSIZ];        /* the Linux bridge that carries it on this host, or "" */
	char provider[NAME_MOST + 1]; /* an external system that carries it, such as OVN, or "" */
};

extern const struct definition_kind network_kind;

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_NETWORK_H
#define CATALOG_NETWORK_H

#include <net/if.h>

#include "catalog/definition.h"

/* A logical network: what vNICs and hosts are connected to, whatever card carries it. In a file
 * /etc/vfctl/networks/NAME.network, section [Network]. */
struct network {
	struct definition head;
	char description[200];
	bool vm;                      /* carries vNICs of VMs; else it is for the host alone */
	bool required;                /* a host that does not carry it is not fit for its VMs */
	bool isolated;                /* its ports do not reach each other */
	uint32_t vlan;                /* 0: untagged */
	uint32_t mtu;                 /* 0: any */
	struct string_set labels;     /* by which cards allow many networks at once */
	char bridge[IFNAMSIZ];        /* the Linux bridge that carries it on this host, "": none */
	char provider[NAME_MOST + 1]; /* who else carries it, such as OVN, "": nobody */
};

extern const struct definition_kind network_kind;

#endif

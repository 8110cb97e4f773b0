/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_HYPERVISOR_NETWORK_H
#define HOST_HYPERVISOR_NETWORK_H

#include "host/hypervisor.h"

/* A network of libvirt's network driver, and what is plugged into it. */
struct hypervisor_network {
	char *name;
	bool active;
	char *xml; /* of the active one, else of its configuration */
	size_t port_count;
	char **ports; /* the XML of each (formatnetworkport) */
};

/* All of them, for hypervisor_networks_free(). -EREMOTEIO: also where libvirt has no network driver. */
int hypervisor_networks(struct hypervisor *hypervisor, struct hypervisor_network **list,
		size_t *count, struct err *err);
void hypervisor_networks_free(struct hypervisor_network *list, size_t count);

#endif

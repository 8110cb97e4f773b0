/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_NIC_PLACE_H
#define DOMAIN_NIC_PLACE_H

#include "catalog/catalog.h"
#include "domain/domain.h"
#include "sriov/inventory.h"

/* What a NIC of a domain is on this host. */
struct nic_place {
	const struct pf *pf; /* NULL: no card with SR-IOV, or no such function */
	const struct vf *vf; /* NULL: the NIC is the PF itself */
};

/* INVENTORY was read with INVENTORY_FULL, or is NULL for an unknown host. */
struct nic_place nic_place_find(const struct inventory *inventory, const struct domain_nic *nic);

/* "VF 3 of 0000:01:00.0 (eth0)", "bridge br0", "network red", or "-". */
#define NIC_SOURCE_ROOM 160
const char *nic_source_text(const struct inventory *inventory, const struct domain_nic *nic,
		char text[NIC_SOURCE_ROOM]);

/* The vNIC that CATALOG (or NULL) has for the NIC by the names of both, or NULL. */
const struct vnic *nic_vnic(const struct catalog *catalog, const struct domain *domain,
		const struct domain_nic *nic);

#endif

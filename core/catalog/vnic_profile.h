/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_VNIC_PROFILE_H
#define CATALOG_VNIC_PROFILE_H

#include "catalog/definition.h"
#include "sriov/refusal.h"

struct catalog;

/* A vNIC profile: how vNICs are connected to a network. In a file /etc/vfctl/profiles/NAME.profile,
 * section [Profile]. */
struct vnic_profile {
	struct definition head;
	char description[200];
	char network[NAME_MOST + 1];
	bool passthrough; /* by a VF; else by the network's bridge */

	/* With passthrough: */
	bool migratable; /* the VF is unplugged for a live migration, and plugged after */
	char failover[NAME_MOST + 1]; /* profile of the second vNIC, which takes over meanwhile */
	bool fallback;                /* by the bridge where no VF is free */
	uint32_t min_rate, max_rate;  /* of the VF's port, Mbit/s, 0: any */

	/* Without: */
	bool mirroring;
	char qos[NAME_MOST + 1], filter[NAME_MOST + 1]; /* by their names, "": none */
};

extern const struct definition_kind vnic_profile_kind;

/* What the rules have against it, beside the networks and profiles that there are. */
void vnic_profile_check(const struct catalog *catalog, const struct vnic_profile *profile,
		struct objections *objections);

/* A passthrough profile is frozen while vNICs use it. */
int vnic_profile_check_change(const struct catalog *catalog, const struct vnic_profile *old,
		const struct vnic_profile *fresh, struct err *err);

#endif

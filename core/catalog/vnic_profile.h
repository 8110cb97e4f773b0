/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_VNIC_PROFILE_H
#define CATALOG_VNIC_PROFILE_H

#include "catalog/definition.h"

/* How vNICs connect to a network, in a file /etc/vfctl/profiles/NAME.profile, section [Profile]. */
struct vnic_profile {
	struct definition head;
	char description[200];
	char network[NAME_MOST + 1];
	bool passthrough; /* through a VF; else through the bridge of the network */

	/* With passthrough: */
	bool migratable; /* a live migration unplugs the VF and plugs in another one afterwards */
	char failover[NAME_MOST + 1]; /* profile of the vNIC that takes over meanwhile, or "" */
	bool fallback;                /* connect through the bridge if no VF is free */
	bool trust;                   /* the VF may change its MAC and be promiscuous */
	uint32_t min_rate, max_rate;  /* of the VF, Mbit/s; 0: none, no limit */

	/* Without passthrough: */
	bool mirroring;
	char qos[NAME_MOST + 1], filter[NAME_MOST + 1]; /* their names, or "" */
};

extern const struct definition_kind vnic_profile_kind;

#endif

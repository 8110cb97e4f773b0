/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include "catalog/allowlist.h"
#include "catalog/network.h"
#include "catalog/vnic.h"
#include "catalog/vnic_profile.h"

/* All networks, vNIC profiles, allowlists and vNICs of a host, in memory. catalog_store.h reads
 * and changes them, catalog_check.h checks the rules between them. */
struct catalog {
	struct definitions networks, profiles, allowlists, vnics;
};

enum { CATALOG_KINDS = 4 };

extern const struct definition_kind *const catalog_kinds[CATALOG_KINDS];

/* Returns the list of a kind. */
struct definitions *catalog_list(struct catalog *catalog, const struct definition_kind *kind);

/* Return the network or profile of that name, or NULL. */
const struct network *catalog_network(const struct catalog *catalog, const char *name);
const struct vnic_profile *catalog_vnic_profile(const struct catalog *catalog, const char *name);

/* Returns the vNICs that use the profile, "web1/nic1, web2/nic1", or "", for the caller to free. */
char *catalog_vnics_of(const struct catalog *catalog, const char *profile);

void catalog_free(struct catalog *catalog);
void cleanup_catalog(struct catalog *catalog);

#endif

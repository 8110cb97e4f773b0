/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include "catalog/allowlist.h"
#include "catalog/network.h"
#include "catalog/vnic.h"
#include "catalog/vnic_profile.h"

/*
 * All networks, vNIC profiles, allowlists of cards, and vNICs of a host, and the rules between them.
 * A change is held against all rules in memory; then it is one file that is written or removed, so
 * what is stored is always whole. What VMs that run have been given is not touched.
 */
struct catalog {
	struct definitions networks, profiles, allowlists, vnics;
};

/* Reads all. What is wrong with files, and what breaks a rule (a network that is named and is not
 * there), is in DIAGNOSTICS with its place. */
int catalog_read(const struct host *host, struct catalog *catalog, struct diagnostics *diagnostics,
		struct err *err);

/* The same, to change it; the caller has the right to (lock_take()). -EINVAL where there is any
 * diagnostic: a change would be held against half of what is there. */
int catalog_open(const struct host *host, struct catalog *catalog, struct err *err);

void catalog_free(struct catalog *catalog);
void cleanup_catalog(struct catalog *catalog);

/* By name, or NULL. */
const struct network *catalog_network(const struct catalog *catalog, const char *name);
const struct vnic_profile *catalog_vnic_profile(const struct catalog *catalog, const char *name);

/* "web1/nic1, web2/nic1": the vNICs with that profile, for the caller to free; "" for none. */
char *catalog_vnics_of(const struct catalog *catalog, const char *profile);

/* Stores a new network or profile; changes the one of that name, or stores an allowlist or vNIC
 * whether new or not; removes one. A refusal leaves the files alone, but not CATALOG in memory, which
 * is to be freed then. */
int catalog_add(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const void *definition, struct err *err);
int catalog_change(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const void *definition, struct err *err);
int catalog_remove(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const char *name, struct err *err);

/* The refusal that there is no such network or profile. */
int catalog_missing(const struct definition_kind *kind, const char *name, struct err *err);

/* The list of a kind. */
struct definitions *catalog_list(struct catalog *catalog, const struct definition_kind *kind);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_ALLOWLIST_H
#define CATALOG_ALLOWLIST_H

#include "catalog/network.h"
#include "netdev/port.h"
#include "policy/desired.h"
#include "sriov/inventory.h"
#include "sriov/refusal.h"

/*
 * The networks that the VFs of one card may carry, in a file /etc/vfctl/allow/NAME.allow: [Match]
 * selects the card, with the keys of policy files, and [Allow] lists networks. A card without such
 * a file may carry all networks.
 */
struct allowlist {
	struct definition head;
	char path[BDF_TEXT], mac[MAC_TEXT], device[12], port[8], name[PORT_NAME_ROOM]; /* [Match] */
	bool all;
	struct string_set networks, labels; /* empty if all are allowed */
};

extern const struct definition_kind allowlist_kind;

/* Initialises an allowlist for PF that allows all networks. It selects PF by its permanent MAC
 * or, if that is unknown, by its address. */
void allowlist_init(const struct host *host, const struct pf *pf, struct allowlist *allowlist);

/* Parses [Match]. -EINVAL: it selects no card; KEY is the key at fault. */
int allowlist_selector(
		const struct allowlist *allowlist, struct pf_selector *selector, const char **key);

/* Finds the allowlist of PF; NULL and 0 if it has none. -EINVAL: several select it. */
int allowlist_of(const struct host *host, const struct definitions *allowlists, const struct pf *pf,
		const struct allowlist **allowlist, struct err *err);

/* Whether a card with that allowlist (NULL: none) may carry the network. */
bool allowlist_permits(const struct allowlist *allowlist, const struct network *network);

/* These change the allowlist in memory; refusals call the card CARD. allowlist_set_all() clears
 * both lists. */
void allowlist_set_all(struct allowlist *allowlist, bool all);
int allowlist_add_network(struct allowlist *allowlist, const char *card, const char *network,
		struct err *err);
int allowlist_add_label(
		struct allowlist *allowlist, const char *card, const char *label, struct err *err);
int allowlist_remove_network(struct allowlist *allowlist, const char *card, const char *network,
		struct err *err);
int allowlist_remove_label(
		struct allowlist *allowlist, const char *card, const char *label, struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_ALLOWLIST_H
#define CATALOG_ALLOWLIST_H

#include "catalog/network.h"
#include "sriov/inventory.h"
#include "sriov/refusal.h"

struct catalog;

/*
 * Which networks the VFs of one card may carry. In a file /etc/vfctl/allow/NAME.allow: [Match] says
 * which card, in the words of policy files, and [Allow] what it may carry. A card without such a
 * file may carry all networks.
 */
struct allowlist {
	struct definition head;
	char path[BDF_TEXT], mac[MAC_TEXT], device[12], port[8], name[IFNAMSIZ]; /* [Match] */
	bool all;
	struct string_set networks, labels; /* empty where all are allowed */
};

extern const struct definition_kind allowlist_kind;

/* A fresh allowlist for PF, all allowed, that knows it by its permanent MAC or else by its place. */
void allowlist_init(const struct host *host, const struct pf *pf, struct allowlist *allowlist);

/* The allowlist of PF, or NULL with 0: it has none. -EINVAL where several match it. */
int allowlist_of(const struct host *host, const struct catalog *catalog, const struct pf *pf,
		const struct allowlist **allowlist, struct err *err);

/* Whether a card with that allowlist (NULL: none) may carry the network. */
bool allowlist_permits(const struct allowlist *allowlist, const struct network *network);

void allowlist_check(const struct catalog *catalog, const struct allowlist *allowlist,
		struct objections *objections);

/* Changes in memory; CARD names the card in refusals. Setting all clears both lists. */
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_ALLOW_H
#define CATALOG_ALLOW_H

#include "catalog/network.h"
#include "sriov/inventory.h"
#include "sriov/refusal.h"

struct catalog;

/*
 * Which networks the VFs of one card may carry. In a file /etc/vfctl/allow/NAME.allow: [Match] says
 * which card, in the words of policy files, and [Allow] what it may carry. A card without such a
 * file may carry all networks.
 */
struct allow {
	struct definition head;
	char path[BDF_TEXT], mac[MAC_TEXT], device[12], port[8], name[IFNAMSIZ]; /* [Match] */
	bool all;
	struct string_set networks, labels; /* empty where all are allowed */
};

extern const struct definition_kind allow_kind;

/* A fresh whitelist for PF, all allowed, that knows it by its permanent MAC or else by its place. */
void allow_init(const struct host *host, const struct pf *pf, struct allow *allow);

/* The whitelist of PF, or NULL with 0: it has none. -EINVAL where several match it. */
int allow_of(const struct host *host, const struct catalog *catalog, const struct pf *pf,
		const struct allow **allow, struct err *err);

/* Whether a card with that whitelist (NULL: none) may carry the network. */
bool allow_permits(const struct allow *allow, const struct network *network);

void allow_check(const struct catalog *catalog, const struct allow *allow,
		struct objections *objections);

/* Changes in memory; CARD names the card in refusals. Setting all clears both lists. */
void allow_set_all(struct allow *allow, bool all);
int allow_add_network(struct allow *allow, const char *card, const char *network, struct err *err);
int allow_add_label(struct allow *allow, const char *card, const char *label, struct err *err);
int allow_remove_network(
		struct allow *allow, const char *card, const char *network, struct err *err);
int allow_remove_label(struct allow *allow, const char *card, const char *label, struct err *err);

#endif

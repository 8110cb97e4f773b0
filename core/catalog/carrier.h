/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_CARRIER_H
#define CATALOG_CARRIER_H

#include "catalog/catalog.h"

/*
 * How the cards of a host carry one network. A card can do so in two ways at once: its interface, or
 * one of its VFs, lies under the network's bridge (through VLANs and bonds too), and its free VFs
 * serve guests. A VF that lies under a bridge is a NIC of the host and not free.
 */
struct carrier {
	const struct pf *pf;
	const struct allowlist *allowlist; /* its allowlist, or NULL */
	bool permitted;                    /* by the allowlist */
	bool fits;                         /* its MTU is as large as the network's */
	unsigned free_vfs;
	bool bridged;           /* the network's bridge stands on it */
	char through[IFNAMSIZ]; /* on this interface of it or of its VF */
};

struct carriers {
	struct inventory inventory;
	bool bridge_there; /* the network's bridge exists on this host */
	size_t count;
	struct carrier *list; /* one for each card */
};

int carriers_read(const struct host *host, const struct catalog *catalog,
		const struct network *network, struct carriers *carriers, struct err *err);
void carriers_free(struct carriers *carriers);
void cleanup_carriers(struct carriers *carriers);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_NETWORK_PATH_H
#define CATALOG_NETWORK_PATH_H

#include "catalog/catalog.h"

/*
 * How the cards of a host carry one network. A card can do so in two ways at once: its interface, or
 * one of its VFs, lies under the network's bridge (through VLANs and bonds too), and its free VFs
 * serve guests. A VF that lies under a bridge is a NIC of the host and not free.
 */
struct network_path {
	const struct pf *pf;
	const struct allowlist *allowlist; /* its allowlist, or NULL */
	bool allowed;                      /* by the allowlist */
	bool mtu_fits;                     /* its MTU is as large as the network's */
	unsigned free_vfs;
	bool bridged;           /* the network's bridge stands on it */
	char through[IFNAMSIZ]; /* on this interface of it or of its VF */
};

struct network_paths {
	struct inventory inventory;
	bool bridge_exists; /* the network's bridge exists on this host */
	size_t count;
	struct network_path *list; /* one for each card */
};

int network_paths_read(const struct host *host, const struct catalog *catalog,
		const struct network *network, struct network_paths *paths, struct err *err);
void network_paths_free(struct network_paths *paths);
void cleanup_network_paths(struct network_paths *paths);

#endif

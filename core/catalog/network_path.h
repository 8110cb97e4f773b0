/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_NETWORK_PATH_H
#define CATALOG_NETWORK_PATH_H

#include "catalog/allowlist.h"
#include "sriov/inventory.h"

/*
 * How each card of a host carries a network. For the host: its own interface or that of a VF is a
 * port of the bridge of the network, directly or below VLANs and bonds. For guests: its free VFs. A
 * card can do both at once. A VF below a bridge belongs to the host and is not free.
 */
struct network_path {
	const struct pf *pf;
	const struct allowlist *allowlist; /* that of the card, or NULL */
	bool allowed;                      /* the allowlist permits it */
	bool mtu_fits;                     /* its MTU is at least that of the network */
	unsigned free_vfs;
	bool bridged;
	char through[IFNAMSIZ]; /* the interface below the bridge, if bridged */
};

struct network_paths {
	struct inventory inventory;
	bool bridge_exists; /* the bridge exists on this host */
	size_t count;
	struct network_path *list; /* one for each card */
};

int network_paths_read(const struct host *host, const struct definitions *allowlists,
		const struct network *network, struct network_paths *paths, struct err *err);
void network_paths_free(struct network_paths *paths);
void cleanup_network_paths(struct network_paths *paths);

#endif

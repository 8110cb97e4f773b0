/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/network_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* A bridge over a VLAN over a bond is three deep; the kernel allows eight. */
enum { STACK_DEPTH = 8 };

/* Adds all interfaces below UPPER, down to the physical ports. */
static void add_lower(const struct host *host, const char *upper, unsigned depth,
		struct string_set *lower)
{
	CLEANUP(cleanup_free) char *folder = text_format("sys/class/net/%s", upper);
	char **names = NULL;
	size_t count = 0;

	if (!depth || strchr(upper, '/') || host_names(host, folder, &names, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *name = names[i] + strlen("lower_");

		if (!strncmp(names[i], "lower_", strlen("lower_")) && string_set_add(lower, name))
			add_lower(host, name, depth - 1, lower);
	}
	host_names_free(names, count);
}

static void fill(const struct network *network, const struct string_set *lower,
		struct network_path *path)
{
	const struct pf *pf = path->pf;
	const char *through = string_set_has(lower, pf->function.netdev) ? pf->function.netdev : "";

	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &pf->vfs[i];

		path->free_vfs += vf->holder.kind == HOLDER_NONE;
		if (!*through && *vf->function.netdev && string_set_has(lower, vf->function.netdev))
			through = vf->function.netdev;
	}
	path->bridged = *through;
	memcpy(path->through, through, strlen(through) + 1);
	path->allowed = allowlist_permits(path->allowlist, network);
	path->mtu_fits = pf->net.mtu >= network->mtu;
}

int network_paths_read(const struct host *host, const struct definitions *allowlists,
		const struct network *network, struct network_paths *paths, struct err *err)
{
	CLEANUP(cleanup_network_paths) struct network_paths fresh = { 0 };
	CLEANUP(cleanup_free)
	char *bridge = text_format("sys/class/net/%s/bridge", network->bridge);
	struct string_set lower = { 0 };
	int rc = inventory_read(host, INVENTORY_FULL, &fresh.inventory, err);

	if (rc < 0)
		return rc;
	fresh.list = calloc(fresh.inventory.count + 1, sizeof(*fresh.list));
	if (!fresh.list)
		abort();
	if (*network->bridge) {
		fresh.bridge_exists = host_exists(host, bridge);
		add_lower(host, network->bridge, STACK_DEPTH, &lower);
	}
	for (size_t i = 0; i < fresh.inventory.count && !rc; i++) {
		struct network_path *path = &fresh.list[fresh.count++];

		path->pf = &fresh.inventory.pfs[i];
		rc = allowlist_of(host, allowlists, path->pf, &path->allowlist, err);
		fill(network, &lower, path);
	}
	string_set_free(&lower);
	if (rc < 0)
		return rc;
	*paths = fresh;
	fresh = (struct network_paths){ 0 };
	return 0;
}

void network_paths_free(struct network_paths *paths)
{
	inventory_free(&paths->inventory);
	free(paths->list);
	*paths = (struct network_paths){ 0 };
}

void cleanup_network_paths(struct network_paths *paths)
{
	network_paths_free(paths);
}

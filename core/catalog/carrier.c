/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/carrier.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

/* VLAN on bond on port in a bridge is three; the kernel allows no more than eight. */
enum { STACK_DEPTH = 8 };

/* Adds all interfaces that UPPER stands on, down to the ports. */
static void add_lower(const struct host *host, const char *upper, unsigned depth,
		struct string_set *lower)
{
	CLEANUP(cleanup_free) char *folder = file_path("sys/class/net/%s", upper);
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
		struct carrier *carrier)
{
	const struct pf *pf = carrier->pf;
	const char *through = string_set_has(lower, pf->function.netdev) ? pf->function.netdev : "";

	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &pf->vfs[i];

		carrier->free_vfs += vf->holder.kind == HOLDER_NONE;
		if (!*through && *vf->function.netdev && string_set_has(lower, vf->function.netdev))
			through = vf->function.netdev;
	}
	carrier->bridged = *through;
	memcpy(carrier->through, through, strlen(through) + 1);
	carrier->permitted = allowlist_permits(carrier->allowlist, network);
	carrier->fits = pf->net.mtu >= network->mtu;
}

int carriers_read(const struct host *host, const struct catalog *catalog,
		const struct network *network, struct carriers *carriers, struct err *err)
{
	CLEANUP(cleanup_carriers) struct carriers fresh = { 0 };
	CLEANUP(cleanup_free) char *bridge = file_path("sys/class/net/%s/bridge", network->bridge);
	struct string_set lower = { 0 };
	int rc = inventory_read(host, INVENTORY_FULL, &fresh.inventory, err);

	if (rc < 0)
		return rc;
	fresh.list = calloc(fresh.inventory.count + 1, sizeof(*fresh.list));
	if (!fresh.list)
		abort();
	if (*network->bridge) {
		fresh.bridge_there = host_exists(host, bridge);
		add_lower(host, network->bridge, STACK_DEPTH, &lower);
	}
	for (size_t i = 0; i < fresh.inventory.count && !rc; i++) {
		struct carrier *carrier = &fresh.list[fresh.count++];

		carrier->pf = &fresh.inventory.pfs[i];
		rc = allowlist_of(host, catalog, carrier->pf, &carrier->allowlist, err);
		fill(network, &lower, carrier);
	}
	string_set_free(&lower);
	if (rc < 0)
		return rc;
	*carriers = fresh;
	fresh = (struct carriers){ 0 };
	return 0;
}

void carriers_free(struct carriers *carriers)
{
	inventory_free(&carriers->inventory);
	free(carriers->list);
	*carriers = (struct carriers){ 0 };
}

void cleanup_carriers(struct carriers *carriers)
{
	carriers_free(carriers);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/inventory.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "netdev/port.h"
#include "sriov/other_functions.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"

/*
 * Finds all PFs of a host in one pass over its functions: those with sriov_totalvfs.
 */

static void add_pf(struct inventory *inventory, struct bdf bdf)
{
	if (!(inventory->count & (inventory->count - 1))) {
		size_t room = inventory->count ? 2 * inventory->count : 1;

		inventory->pfs = realloc(inventory->pfs, room * sizeof(*inventory->pfs));
		if (!inventory->pfs)
			abort();
	}
	inventory->pfs[inventory->count++] = (struct pf){ .function.bdf = bdf };
}

static int by_bdf(const void *a, const void *b)
{
	return bdf_compare(
			((const struct pf *)a)->function.bdf, ((const struct pf *)b)->function.bdf);
}

static int find_pfs(const struct host *host, struct inventory *inventory, struct err *err)
{
	char **names;
	size_t count;
	int rc = host_names(host, "sys/bus/pci/devices", &names, &count, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count; i++) {
		struct bdf bdf;

		if (bdf_parse(names[i], &bdf) == 0 && function_has(host, bdf, "sriov_totalvfs"))
			add_pf(inventory, bdf);
	}
	host_names_free(names, count);
	if (inventory->count)
		qsort(inventory->pfs, inventory->count, sizeof(*inventory->pfs), by_bdf);
	return 0;
}

static int fill(const struct host *host, enum inventory_depth depth, struct pf *pf,
		struct diagnostics *unreadable)
{
	struct err err = { 0 };
	char text[BDF_TEXT];
	int rc;

	bdf_format(pf->function.bdf, text);
	rc = pf_fill_counts(host, pf, &err);
	if (!rc && depth == INVENTORY_FULL)
		rc = pf_fill(host, pf, &err);
	if (rc < 0)
		diagnostic_add(unreadable, "%s is left out: %s", text, err.msg);
	return rc;
}

int inventory_read(const struct host *host, enum inventory_depth depth, struct inventory *inventory,
		struct err *err)
{
	CLEANUP(cleanup_inventory) struct inventory fresh = { 0 };
	int rc = find_pfs(host, &fresh, err);
	size_t kept = 0;

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < fresh.count; i++) {
		struct pf *pf = &fresh.pfs[i];

		if (fill(host, depth, pf, &fresh.unreadable) < 0)
			pf_free(pf);
		else
			fresh.pfs[kept++] = *pf;
	}
	fresh.count = kept;
	*inventory = fresh;
	fresh = (struct inventory){ 0 };
	return 0;
}

void inventory_free(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->count; i++)
		pf_free(&inventory->pfs[i]);
	free(inventory->pfs);
	diagnostics_free(&inventory->unreadable);
	*inventory = (struct inventory){ 0 };
}

void cleanup_inventory(struct inventory *inventory)
{
	inventory_free(inventory);
}

/* Writes "0000:01:00.0 (eth0), 0000:02:00.0", or "none". */
static void name_pfs(const struct host *host, char *text, size_t size)
{
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	size_t used = 0;

	snprintf(text, size, "none");
	if (inventory_read(host, INVENTORY_COUNTS, &inventory, NULL) < 0)
		return;
	for (size_t i = 0; i < inventory.count && used < size; i++) {
		char name[BDF_TEXT + IFNAMSIZ + 4];

		pf_name(&inventory.pfs[i].function, name, sizeof(name));
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", name);
	}
}

/* An interface stands for its card only if the card's VFs are set through it. */
static int check_port(
		const struct host *host, struct bdf bdf, const struct port *port, struct err *err)
{
	char name[IFNAMSIZ] = "", card[BDF_TEXT], text[48];

	bdf_format(bdf, card);
	function_netdev(host, bdf, name, sizeof(name));
	if (port->kind != PORT_UPLINK)
		return refuse(err, REFUSAL_NOT_SRIOV, "%s represents %s of %s%s%s%s: name the card",
				port->name, port_text(port, text, sizeof(text)), card,
				*name ? " (" : "", name, *name ? ")" : "");
	if (strcmp(port->name, name) != 0)
		return refuse(err, REFUSAL_NOT_SRIOV,
				"%s is port %ld of %s, whose VFs are set through %s: name that one",
				port->name, port->dev_port, card, name);
	return 0;
}

/* Says why the function at BDF is no PF, and where one is. */
static int refuse_no_pf(const struct host *host, struct bdf bdf, struct err *err)
{
	CLEANUP(cleanup_free) char *others = other_functions(host, bdf, FUNCTION_MAKES_VFS);
	char cards[240], text[BDF_TEXT];

	bdf_format(bdf, text);
	if (*others)
		return refuse(err, REFUSAL_NOT_SRIOV,
				"%s has no SR-IOV: the VFs of its device are made by %s: name one "
				"of these",
				text, others);
	if (function_is_guest_vf(host, bdf))
		return refuse(err, REFUSAL_NOT_SRIOV,
				"%s is a virtual function, and its PF is not here: run vfctl on the "
				"host, which has it",
				text);
	name_pfs(host, cards, sizeof(cards));
	return refuse(err, REFUSAL_NOT_SRIOV, "%s has no SR-IOV; SR-IOV cards here: %s", text,
			cards);
}

int pf_find(const struct host *host, const char *name, struct bdf *bdf, struct err *err)
{
	char cards[240], name_text[BDF_TEXT], of[NAME_ROOM];
	bool by_address = !bdf_parse(name, bdf);
	struct port port;

	if (!by_address && port_find(host, name, bdf, &port) < 0) {
		name_pfs(host, cards, sizeof(cards));
		return err_set(err, ENODEV, "there is no card %.40s; SR-IOV cards here: %s", name,
				cards);
	}
	bdf_format(*bdf, name_text);
	if (!function_has(host, *bdf, "vendor")) {
		name_pfs(host, cards, sizeof(cards));
		return err_set(err, ENODEV, "there is no card at %s; SR-IOV cards here: %s",
				name_text, cards);
	}
	if (!function_link(host, *bdf, "physfn", of, sizeof(of)))
		return refuse(err, REFUSAL_NOT_SRIOV,
				"%s is a virtual function of %s: name that one", name_text, of);
	if (!function_has(host, *bdf, "sriov_totalvfs"))
		return refuse_no_pf(host, *bdf, err);
	return by_address ? 0 : check_port(host, *bdf, &port, err);
}

int pf_read(const struct host *host, const char *name, struct pf *pf, struct err *err)
{
	struct bdf bdf;
	int rc = pf_find(host, name, &bdf, err);

	if (rc < 0)
		return rc;
	*pf = (struct pf){ .function.bdf = bdf };
	rc = pf_fill_counts(host, pf, err);
	if (!rc)
		rc = pf_fill(host, pf, err);
	if (rc < 0)
		pf_free(pf);
	return rc;
}

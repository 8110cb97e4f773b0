/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/select_pf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "netdev/ethtool.h"
#include "netdev/port.h"
#include "sriov/pf.h"

/*
 * Finds the card that a policy file is for. A card has many names; those compared here are the same
 * across boots, except for the name of an interface.
 */

int pf_permanent_mac(const struct host *host, const struct function *pf, struct mac *mac)
{
	return *pf->netdev ? netdev_permanent_mac(host, pf->netdev, mac) : -ENOENT;
}

/* If the ports of a card are one function, its driver numbers their interfaces; otherwise they
 * are functions of one device. */
static unsigned port_of(const struct host *host, const struct function *pf)
{
	CLEANUP(cleanup_free) char *attribute = text_format("net/%s/dev_port", pf->netdev);
	long port;

	if (*pf->netdev && !function_number(host, pf->bdf, attribute, &port, NULL) && port > 0)
		return (unsigned)port;
	return pf->bdf.function;
}

/* A card has the names of the interface through which its VFs are set. */
static bool is_named(const struct host *host, const char *name, const struct function *pf)
{
	struct port port;
	struct bdf bdf;

	return !strcmp(name, pf->netdev) ||
			(*pf->netdev && !port_find(host, name, &bdf, &port) &&
					bdf_equal(bdf, pf->bdf) && !strcmp(port.name, pf->netdev));
}

bool pf_selector_fits(const struct host *host, const struct pf_selector *selector,
		const struct function *pf)
{
	struct mac mac;

	if (selector->by_path && !bdf_equal(selector->path, pf->bdf))
		return false;
	if (selector->by_device &&
			(selector->vendor != pf->vendor || selector->device != pf->device))
		return false;
	if (selector->by_name && !is_named(host, selector->name, pf))
		return false;
	if (selector->by_port && selector->port != port_of(host, pf))
		return false;
	return !selector->by_mac ||
			(!pf_permanent_mac(host, pf, &mac) && mac_equal(mac, selector->mac));
}

const char *pf_selector_text(const struct pf_selector *selector, char *text, size_t size)
{
	char bdf[BDF_TEXT], mac[MAC_TEXT];
	size_t used = 0;

	*text = '\0';
#define ADD(given, ...)             \
	if ((given) && used < size) \
	used += (size_t)snprintf(text + used, size - used, __VA_ARGS__)
	ADD(selector->by_path, " Path=%s", bdf_format(selector->path, bdf));
	ADD(selector->by_mac, " PermanentMACAddress=%s", mac_format(selector->mac, mac));
	ADD(selector->by_device, " Device=%04x:%04x", selector->vendor, selector->device);
	ADD(selector->by_port, " Port=%u", selector->port);
	ADD(selector->by_name, " Name=%s", selector->name);
#undef ADD
	memmove(text, text + (*text == ' '), strlen(text + (*text == ' ')) + 1);
	return text;
}

/* Writes "0000:01:00.0 (eth0, igb), 0000:02:00.0 (no interface, vfio-pci), and 3 more". */
static void cards_text(const struct inventory *inventory, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < inventory->count; i++) {
		const struct function *pf = &inventory->pfs[i].function;
		char bdf[BDF_TEXT], one[BDF_TEXT + 2 * NAME_ROOM + 16];

		snprintf(one, sizeof(one), "%s%s (%s, %s)", i ? ", " : "", bdf_format(pf->bdf, bdf),
				*pf->netdev ? pf->netdev : "no interface",
				*pf->driver ? pf->driver : "no driver");
		if (used + strlen(one) + sizeof(", and 99999 more") > size) {
			snprintf(text + used, size - used, ", and %zu more", inventory->count - i);
			return;
		}
		used += (size_t)snprintf(text + used, size - used, "%s", one);
	}
}

/* Names the port that a selector means of a card whose VFs are set through another port; "": none. */
static const char *find_port(const struct host *host, const struct pf_selector *selector,
		const struct function *pf, char *text, size_t size)
{
	struct port *ports;
	size_t count = function_ports(host, pf->bdf, &ports);
	char bdf[BDF_TEXT];

	*text = '\0';
	for (size_t i = 1; i < count && !*text; i++) {
		if (ports[i].kind != PORT_UPLINK ||
				(selector->by_name ? strcmp(ports[i].name, selector->name) != 0
						   : !selector->by_port || ports[i].dev_port != selector->port))
			continue;
		snprintf(text, size, "%s is port %ld of %s, whose VFs are set through %s; ",
				ports[i].name, ports[i].dev_port, bdf_format(pf->bdf, bdf),
				ports[0].name);
	}
	free(ports);
	return text;
}

static int complain_of_absence(const struct host *host, const struct desired *desired,
		const struct inventory *inventory, struct err *err)
{
	char text[160], cards[180], port[120] = "";

	for (size_t i = 0; i < inventory->count && !*port; i++)
		find_port(host, &desired->selector, &inventory->pfs[i].function, port,
				sizeof(port));

	pf_selector_text(&desired->selector, text, sizeof(text));
	cards_text(inventory, cards, sizeof(cards));
	return err_set(err, ENODEV, "%s: no card here has %s; %s%s%s", desired->file, text, port,
			*cards ? "SR-IOV cards here: " : "no card here has SR-IOV", cards);
}

static int complain(const struct desired *desired, const struct pf *first, const struct pf *second,
		struct err *err)
{
	char text[160], names[2][NAME_ROOM];

	pf_selector_text(&desired->selector, text, sizeof(text));
	return err_set(err, ENOTUNIQ, "%s: %s is true of %s and of %s: add Path or Port",
			desired->file, text, pf_name(&first->function, names[0], NAME_ROOM),
			pf_name(&second->function, names[1], NAME_ROOM));
}

static int find(const struct host *host, const struct inventory *inventory,
		const struct desired *desired, const struct pf **pf, struct err *err)
{
	*pf = NULL;
	for (size_t i = 0; i < inventory->count; i++) {
		const struct pf *here = &inventory->pfs[i];

		if (!pf_selector_fits(host, &desired->selector, &here->function))
			continue;
		if (*pf)
			return complain(desired, *pf, here, err);
		*pf = here;
	}
	return *pf ? 0 : complain_of_absence(host, desired, inventory, err);
}

/* Two files for one card would undo each other. */
static bool is_taken(struct selections *selections, size_t at, struct bdf pf)
{
	struct selection *here = &selections->items[at];
	char name[NAME_ROOM];

	for (size_t i = 0; i < at; i++) {
		struct selection *other = &selections->items[i];

		if (!bdf_equal(other->pf.function.bdf, pf) ||
				(other->err.code && other->err.code != ENOTUNIQ))
			continue;
		bdf_format(pf, name);
		err_set(&other->err, ENOTUNIQ, "%s and %s are both for %s: make one a drop-in",
				other->desired->file, here->desired->file, name);
		err_set(&here->err, ENOTUNIQ, "%s", other->err.msg);
		return true;
	}
	return false;
}

static void select_one(const struct host *host, const struct inventory *inventory,
		struct selections *selections, size_t at)
{
	struct selection *here = &selections->items[at];
	const struct pf *pf;

	if (here->desired->broken) {
		err_set(&here->err, EINVAL, "%s is not right, see there", here->desired->file);
		return;
	}
	if (find(host, inventory, here->desired, &pf, &here->err) < 0)
		return;
	here->pf.function.bdf = pf->function.bdf;
	if (is_taken(selections, at, pf->function.bdf))
		return;
	if (!pf_fill_state(host, &here->pf, &here->err))
		pf_fill_holders(host, &here->pf);
}

int selections_read(const struct host *host, const struct desired_set *set,
		struct selections *selections, struct err *err)
{
	CLEANUP(cleanup_inventory) struct inventory inventory = { 0 };
	int rc = inventory_read(host, INVENTORY_COUNTS, &inventory, err);

	*selections = (struct selections){ 0 };
	if (rc < 0)
		return rc;
	selections->items = calloc(set->count + 1, sizeof(*selections->items));
	if (!selections->items)
		abort();
	selections->unreadable = inventory.unreadable;
	inventory.unreadable = (struct diagnostics){ 0 };
	for (size_t i = 0; i < set->count; i++) {
		selections->items[i].desired = &set->items[i];
		selections->count++;
		select_one(host, &inventory, selections, i);
	}
	return 0;
}

void selections_free(struct selections *selections)
{
	for (size_t i = 0; i < selections->count; i++)
		pf_free(&selections->items[i].pf);
	free(selections->items);
	diagnostics_free(&selections->unreadable);
	*selections = (struct selections){ 0 };
}

void cleanup_selections(struct selections *selections)
{
	selections_free(selections);
}

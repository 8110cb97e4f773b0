/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/mac.h"
#include "base/number.h"
#include "base/text.h"
#include "policy/import_internal.h"
#include "policy/vf_name.h"

/*
 * netplan(5). A definition below ethernets is a card if it has a virtual-function-count, or if
 * others link to it: these are its VFs, and netplan creates as many. netplan identifies a VF by the
 * name of its interface, not by its number; the number is known only from names such as ens1f0v3,
 * which udev gives to VF 3 of ens1f0. For a VF netplan can set the address, on the VF's own
 * interface, and a VLAN with the renderer sriov.
 */

/* The definitions of a document. */
struct netplan {
	const struct node *ethernets, *vlans;
};

static const char *text_of(const struct node *map, const char *key)
{
	return node_text(node_get(map, key));
}

static bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[");
}

/* Returns the name of the interface, or NULL if netplan finds it by something else. */
static const char *name_of(const struct node *definition)
{
	const char *set_name = text_of(definition, "set-name");
	const struct node *match = node_get(definition, "match");
	const char *name = text_of(match, "name");

	if (!match)
		return definition->key;
	if (set_name)
		return set_name;
	return name && !is_pattern(name) ? name : NULL;
}

static bool is_link_to(const struct node *definition, const struct node *pf)
{
	const char *link = text_of(definition, "link");

	return link && !strcmp(link, pf->key);
}

static unsigned count_links(const struct netplan *plan, const struct node *pf)
{
	unsigned count = 0;

	for (size_t i = 0; i < plan->ethernets->count; i++)
		count += is_link_to(plan->ethernets->items[i], pf);
	return count;
}

static void take_match(struct import *import, const struct node *pf, struct desired *probe)
{
	const struct node *match = node_get(pf, "match"), *mac = node_get(match, "macaddress"),
			  *name = node_get(match, "name"), *driver = node_get(match, "driver");
	struct node by_name = { .line = pf->line,
		.column = pf->column,
		.key = pf->key,
		.text = (char *)name_of(pf),
		.quoted = true };

	if (driver)
		import_left(import, driver, "driver is not checked");
	if (mac) {
		import_set(import, probe, "Match", "PermanentMACAddress", mac);
		if (name)
			import_left(import, name,
					"name is not checked: macaddress selects the card");
	} else if (by_name.text) {
		import_set(import, probe, "Match", "Name", &by_name);
		import_left(import, pf,
				"the card is known by its interface's name, %s, which may change: put "
				"Path= or PermanentMACAddress= in its place",
				by_name.text);
	} else {
		import_wrong(import, match,
				"this may match several cards, and a policy file is for one: give "
				"macaddress, or a name without a pattern");
	}
}

static void take_count(struct import *import, const struct netplan *plan, const struct node *pf,
		struct desired *desired)
{
	const struct node *count = node_get(pf, "virtual-function-count");
	unsigned links = count_links(plan, pf);

	import_set(import, desired, "PF", "SR-IOVVirtualFunctions", count);
	if (desired->count_given && links > desired->count) {
		import_wrong(import, count,
				"there are definitions of %u VF%s: give that number, or more",
				links, text_plural(links));
	} else if (!desired->count_given && links) {
		desired->count_given = true;
		desired->count = links;
		import_left(import, pf,
				"virtual-function-count is not given: netplan makes a VF for each "
				"definition with link: %s, %u",
				pf->key, links);
	}
}

/* Returns the number of the VF at the end of the name of its interface, or -1. */
static int index_of(const struct node *vf, const char *pf_name)
{
	const char *name = name_of(vf);
	size_t length = pf_name ? vf_name_stem(pf_name) : 0;
	uint64_t index;

	if (!name || !length || strncmp(name, pf_name, length) != 0 || name[length] != 'v' ||
			number_parse(name + length + 1, 0, DESIRED_VFS_MOST - 1, &index) < 0)
		return -1;
	return (int)index;
}

/* Returns the VLAN that netplan sets through the card, or NULL. */
static const struct node *vlan_of(const struct netplan *plan, const struct node *vf)
{
	for (size_t i = 0; plan->vlans && i < plan->vlans->count; i++) {
		const struct node *vlan = plan->vlans->items[i];
		const char *renderer = text_of(vlan, "renderer");

		if (renderer && !strcmp(renderer, "sriov") && is_link_to(vlan, vf))
			return node_get(vlan, "id");
	}
	return NULL;
}

/* A word instead of an address is only for the VF's interface. */
static void take_mac(struct import *import, struct desired *desired, unsigned index,
		const struct node *mac)
{
	struct mac ignored;

	if (node_text(mac) && mac_parse(node_text(mac), &ignored) < 0 &&
			!strchr(node_text(mac), ':')) {
		import_left(import, mac, "macaddress %.20s is not for a policy file",
				node_text(mac));
		return;
	}
	import_set_vf(import, desired, index, "MACAddress", mac);
	import_left(import, mac,
			"netplan gives this address to the VF's interface; the policy file has the "
			"card give it");
}

static void take_vf(struct import *import, const struct netplan *plan, struct desired *desired,
		const struct node *vf, const char *pf_name)
{
	static const char *const known[] = { "link", "match", "set-name", "macaddress", NULL };
	const struct node *mac = node_get(vf, "macaddress"), *vlan = vlan_of(plan, vf);
	int index = index_of(vf, pf_name);

	import_check_keys(import, vf, known);
	if (!mac && !vlan)
		return;
	if (index < 0 || (unsigned)index >= desired->count) {
		import_left(import, mac ? mac : vlan,
				"which VF %.60s is does not follow from its name: set its address and "
				"VLAN in an [SR-IOV] section with its number",
				vf->key);
		return;
	}
	if (mac)
		take_mac(import, desired, (unsigned)index, mac);
	import_set_vf(import, desired, (unsigned)index, "VLANId", vlan);
}

static void take_pf(struct import *import, const struct netplan *plan, const struct node *pf)
{
	static const char *const known[] = { "match", "set-name", "virtual-function-count", "mtu",
		NULL };
	struct desired probe = { 0 }, *desired;

	import_check_keys(import, pf, known);
	take_match(import, pf, &probe);
	desired = import_card(import, &probe.selector);
	import_set(import, desired, "PF", "MTUBytes", node_get(pf, "mtu"));
	take_count(import, plan, pf, desired);
	for (size_t i = 0; i < plan->ethernets->count; i++) {
		if (is_link_to(plan->ethernets->items[i], pf))
			take_vf(import, plan, desired, plan->ethernets->items[i], name_of(pf));
	}
}

static void leave_ethernet(
		struct import *import, const struct netplan *plan, const struct node *definition)
{
	const struct node *link = node_get(definition, "link"),
			  *mode = node_get(definition, "embedded-switch-mode");

	if (mode)
		import_left(import, mode, "embedded-switch-mode is not for a policy file");
	if (!link)
		import_left(import, definition, "%.60s has no VFs", definition->key);
	else if (!node_text(link) || !node_get(plan->ethernets, node_text(link)))
		import_left(import, link, "the card of this VF, %.60s, is not in this file",
				node_text(link) ? node_text(link) : "");
}

static void leave_vlans(struct import *import, const struct netplan *plan)
{
	for (size_t i = 0; plan->vlans && i < plan->vlans->count; i++) {
		const struct node *vlan = plan->vlans->items[i];
		const char *renderer = text_of(vlan, "renderer"), *link = text_of(vlan, "link");
		const struct node *vf = link ? node_get(plan->ethernets, link) : NULL;

		if (!renderer || strcmp(renderer, "sriov") != 0 || !node_get(vf, "link"))
			import_left(import, vlan, "VLAN %.60s is not one that a card gives to a VF",
					vlan->key);
	}
}

static void take_network(struct import *import, const struct node *network)
{
	static const char *const known[] = { "version", "renderer", "ethernets", "vlans", NULL };
	struct netplan plan = { node_get(network, "ethernets"), node_get(network, "vlans") };

	import_check_keys(import, network, known);
	if (!plan.ethernets || plan.ethernets->kind != NODE_MAP)
		return;
	if (plan.vlans && plan.vlans->kind != NODE_MAP)
		plan.vlans = NULL;
	for (size_t i = 0; i < plan.ethernets->count; i++) {
		const struct node *definition = plan.ethernets->items[i];

		if (node_get(definition, "virtual-function-count") ||
				count_links(&plan, definition))
			take_pf(import, &plan, definition);
		else
			leave_ethernet(import, &plan, definition);
	}
	leave_vlans(import, &plan);
}

static void read_documents(struct import *import, const struct node *documents)
{
	for (size_t i = 0; i < documents->count; i++) {
		const struct node *network = node_get(documents->items[i], "network");

		if (network && network->kind == NODE_MAP)
			take_network(import, network);
		else
			import_wrong(import, network ? network : documents->items[i],
					"a file of netplan has network: with ethernets:");
	}
}

static int parse(struct import *import, const char *text, size_t length, struct err *err)
{
	return import_yaml(import, text, length, read_documents, err);
}

const struct import_format import_netplan = {
	.name = "netplan",
	.help = "a file of netplan with VFs",
	.parse = parse,
};

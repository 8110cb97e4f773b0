/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/number.h"
#include "policy/import_internal.h"

/*
 * SriovNetworkNodePolicy. Its selector means all cards of many nodes for which everything holds that
 * it gives: one of rootDevices, one of pfNames, vendor, deviceID. A policy file means one card. So
 * each root device becomes a card, or else each name. A name may end with #FIRST-LAST: then the
 * policy is about these VFs only, and others speak for the rest.
 */

static const char *text_of(const struct node *map, const char *key)
{
	return node_text(node_get(map, key));
}

/* Vendor and device, which only together name a kind of card. */
static void take_ids(struct import *import, const struct node *selector, struct desired *probe)
{
	const char *vendor = text_of(selector, "vendor"), *device = text_of(selector, "deviceID");
	CLEANUP(cleanup_free) char *both = NULL;
	const char *takes;

	if (!vendor || !device) {
		if (vendor || device)
			import_left(import, node_get(selector, vendor ? "vendor" : "deviceID"),
					"%s alone: a policy file takes vendor and device together",
					vendor ? "vendor" : "deviceID");
		return;
	}
	both = file_path("%s:%s", vendor, device);
	if (desired_set(probe, "Match", "Device", both, &takes) < 0)
		import_wrong(import, node_get(selector, "vendor"),
				"vendor and deviceID take four hexadecimal digits each, not "
				"'%.20s' and '%.20s'",
				vendor, device);
}

/* The VFs that the policy is about: those of the range behind the name, or all. */
static void choose_vfs(struct import *import, const struct node *name, char *range, unsigned count,
		bool chosen[DESIRED_VFS_MOST])
{
	memset(chosen, 0, DESIRED_VFS_MOST * sizeof(*chosen));
	if (!range) {
		for (unsigned i = 0; i < count && i < DESIRED_VFS_MOST; i++)
			chosen[i] = true;
		return;
	}
	if (desired_parse_indexes(range, chosen) < 0)
		import_wrong(import, name, "#%.20s is no range of VFs such as #0-3", range);
	for (unsigned i = count; i < DESIRED_VFS_MOST; i++) {
		if (!chosen[i])
			continue;
		import_wrong(import, name, "#%.20s: there is no VF %u of %u", range, i, count);
		return;
	}
}

static void take_count(struct import *import, struct desired *desired, const struct node *node)
{
	unsigned before = desired->count;
	bool given = desired->count_given;

	import_set(import, desired, "PF", "SR-IOVVirtualFunctions", node);
	if (!given || before == desired->count)
		return;
	import_left(import, node,
			"another policy wants %u VFs of this card, this one %u: the "
			"larger number is taken",
			before, desired->count);
	desired->count = before > desired->count ? before : desired->count;
}

/* One card of the policy. NAME is the node of pfNames that names it, or NULL. */
static void take_card(struct import *import, const struct node *spec, const struct desired *probe,
		const struct node *name, char *range)
{
	struct desired *desired = import_card(import, &probe->selector);
	const struct node *count = node_get(spec, "numVfs");
	const char *type = text_of(spec, "deviceType");
	bool chosen[DESIRED_VFS_MOST];
	const char *takes;
	uint64_t vfs = 0;

	take_count(import, desired, count);
	import_set(import, desired, "PF", "MTUBytes", node_get(spec, "mtu"));
	number_parse(node_text(count), 0, UINT16_MAX, &vfs);
	choose_vfs(import, name, range, (unsigned)vfs, chosen);
	for (unsigned i = 0; i < DESIRED_VFS_MOST; i++) {
		if (chosen[i] && type && !strcmp(type, "vfio-pci"))
			desired_set_vf(desired, i, "Driver", type, &takes);
	}
}

static bool is_list(const struct node *node)
{
	return node && node->kind == NODE_LIST && node->count;
}

static void take_roots(struct import *import, const struct node *spec, const struct node *roots,
		const struct node *names, const struct desired *ids)
{
	/* With one of each, the name's range is this card's. */
	const struct node *only = is_list(names) && names->count == 1 && roots->count == 1
			? names->items[0]
			: NULL;
	CLEANUP(cleanup_free)
	char *copy = file_path("%s", only && node_text(only) ? node_text(only) : "");
	char *range = strchr(copy, '#');

	if (range)
		*range++ = '\0';
	for (size_t i = 0; is_list(names) && i < names->count; i++) {
		const char *text = node_text(names->items[i]);

		import_left(import, names->items[i],
				"the cards are known by rootDevices: pfNames %.40s is not asked for%s",
				text ? text : "",
				text && strchr(text, '#') && !only
						? ", and which card its range is for is not known"
						: "");
	}
	for (size_t i = 0; i < roots->count; i++) {
		struct desired probe = *ids;

		import_set(import, &probe, "Match", "Path", roots->items[i]);
		take_card(import, spec, &probe, only, range);
	}
}

static void take_names(struct import *import, const struct node *spec, const struct node *names,
		const struct desired *ids)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct node *name = names->items[i];
		const char *text = node_text(name), *takes = "";
		CLEANUP(cleanup_free) char *copy = file_path("%s", text ? text : "");
		char *range = strchr(copy, '#');
		struct desired probe = *ids;

		if (range)
			*range++ = '\0';
		if (!*copy || desired_set(&probe, "Match", "Name", copy, &takes) < 0) {
			import_wrong(import, name, "pfNames takes names of interfaces");
			continue;
		}
		import_left(import, name,
				"card %s is known by its interface's name, which may "
				"change: put Path= or PermanentMACAddress= in its place",
				copy);
		take_card(import, spec, &probe, name, range);
	}
}

/* What a policy file has no word for, unless it is as it would be anyway. */
static void check_rest(struct import *import, const struct node *spec)
{
	static const char *const known[] = { "numVfs", "nicSelector", "mtu", "deviceType",
		"eSwitchMode", "linkType", "isRdma", "needVhostNet", "excludeTopology",
		"externallyManaged", NULL };
	static const struct {
		const char *key, *usual;
	} usual[] = {
		{ "deviceType", "netdevice" },
		{ "eSwitchMode", "legacy" },
		{ "linkType", "eth" },
		{ "isRdma", "false" },
		{ "needVhostNet", "false" },
		{ "excludeTopology", "false" },
		{ "externallyManaged", "false" },
	};
	const struct node *mtu = node_get(spec, "mtu");

	import_check_keys(import, spec, known);
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
		const struct node *node = node_get(spec, usual[i].key);
		const char *text = node_text(node);

		if (!node || (text && !strcasecmp(text, usual[i].usual)) ||
				(text && i == 0 && !strcmp(text, "vfio-pci")))
			continue;
		import_left(import, node, "%s %.40s is not for a policy file", usual[i].key,
				text ? text : "");
	}
	if (mtu)
		import_left(import, mtu, "mtu is set on the card; VFs' interfaces keep their own");
}

static void take_policy(struct import *import, const struct node *policy)
{
	static const char *const known_selector[] = { "vendor", "deviceID", "rootDevices",
		"pfNames", NULL };
	const struct node *spec = node_get(policy, "spec"),
			  *selector = node_get(spec, "nicSelector"),
			  *roots = node_get(selector, "rootDevices"),
			  *names = node_get(selector, "pfNames");
	struct desired ids = { 0 };

	if (!spec || !selector || selector->kind != NODE_MAP ||
			!node_text(node_get(spec, "numVfs"))) {
		import_wrong(import, spec ? spec : policy,
				"a SriovNetworkNodePolicy has a spec with nicSelector and numVfs");
		return;
	}
	check_rest(import, spec);
	import_check_keys(import, selector, known_selector);
	take_ids(import, selector, &ids);
	if ((roots && !is_list(roots)) || (names && !is_list(names))) {
		import_wrong(import, selector, "rootDevices and pfNames take lists");
	} else if (roots) {
		take_roots(import, spec, roots, names, &ids);
	} else if (names) {
		take_names(import, spec, names, &ids);
	} else if (ids.selector.by_device) {
		import_left(import, selector,
				"all cards with these ids are meant, and a policy file means one: "
				"add Path= or Port=, and a file for each");
		take_card(import, spec, &ids, NULL, NULL);
	} else {
		import_wrong(import, selector,
				"names no card: give rootDevices, pfNames, or vendor and deviceID");
	}
}

static void read_documents(struct import *import, const struct node *documents)
{
	for (size_t i = 0; i < documents->count; i++) {
		const struct node *document = documents->items[i],
				  *kind = node_get(document, "kind"),
				  *items = node_get(document, "items");
		const char *text = node_text(kind);

		if (is_list(items)) { /* a List or SriovNetworkNodePolicyList */
			read_documents(import, items);
		} else if (text && !strcmp(text, "SriovNetworkNodePolicy")) {
			take_policy(import, document);
		} else {
			import_left(import, kind ? kind : document,
					"%.60s is no SriovNetworkNodePolicy", text ? text : "this");
		}
	}
}

static int parse(struct import *import, const char *text, size_t length, struct err *err)
{
	return import_yaml(import, text, length, read_documents, err);
}

const struct import_format import_node_policy = {
	.name = "sriov-network-node-policy",
	.help = "SriovNetworkNodePolicy of Kubernetes, one or several",
	.parse = parse,
};

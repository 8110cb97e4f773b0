/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "policy/import_internal.h"

/*
 * SriovNetworkNodeState: the result of all policies for one node. Each interface of its spec is one
 * card, by its address; its status is what the node has, and not what is wanted.
 */

/* False: the node is not a range. */
static bool read_range(struct import *import, const struct node *range, uint64_t count,
		bool seen[DESIRED_VFS_MOST])
{
	const char *text = node_text(range);

	memset(seen, 0, DESIRED_VFS_MOST * sizeof(*seen));
	if (!text || desired_parse_indexes(text, seen) < 0) {
		import_wrong(import, range, "vfRange takes a range of VFs such as 0-3");
		return false;
	}
	for (uint64_t vf = count; vf < DESIRED_VFS_MOST; vf++) {
		if (seen[vf]) {
			import_wrong(import, range, "%.20s: there is no VF %u of %u", text,
					(unsigned)vf, (unsigned)count);
			return false;
		}
	}
	return true;
}

static bool is_vfio(const struct node *group)
{
	const char *type = node_text(node_get(group, "deviceType"));

	return type && !strcmp(type, "vfio-pci");
}

/* TAKEN: the VFs of earlier groups, which take precedence. */
static void take_group(struct import *import, struct desired *desired, const struct node *group,
		uint64_t count, bool taken[DESIRED_VFS_MOST])
{
	static const char *const known[] = { "vfRange", "deviceType", "policyName", "mtu", "isRdma",
		NULL };
	static const struct import_usual usual[] = { { "deviceType", "netdevice" },
		{ "isRdma", "false" }, { NULL, NULL } };
	const struct node *range = node_get(group, "vfRange");
	bool seen[DESIRED_VFS_MOST];
	const char *takes;

	import_check_keys(import, group, known);
	import_check_usual(import, group, usual + is_vfio(group));
	if (!range)
		import_wrong(import, group, "a group needs a vfRange");
	if (!range || !read_range(import, range, count, seen))
		return;
	for (unsigned vf = 0; vf < DESIRED_VFS_MOST; vf++) {
		if (seen[vf] && !taken[vf] && is_vfio(group))
			desired_set_vf(desired, vf, "Driver", "vfio-pci", &takes);
		taken[vf] |= seen[vf];
	}
}

static void take_groups(struct import *import, struct desired *desired,
		const struct node *interface, const struct node *groups)
{
	const char *count = node_text(node_get(interface, "numVfs"));
	bool taken[DESIRED_VFS_MOST] = { false };
	uint64_t vfs = 0;

	if (count)
		number_parse(count, 0, UINT16_MAX, &vfs);
	if (groups && groups->kind != NODE_LIST)
		import_wrong(import, groups, "vfGroups takes a list");
	for (size_t i = 0; groups && groups->kind == NODE_LIST && i < groups->count; i++) {
		if (groups->items[i]->kind == NODE_MAP)
			take_group(import, desired, groups->items[i], vfs, taken);
		else
			import_wrong(import, groups->items[i],
					"a group has a vfRange and a deviceType");
	}
}

static void take_interface(struct import *import, const struct node *interface)
{
	static const char *const known[] = { "pciAddress", "name", "numVfs", "mtu", "vfGroups",
		"linkType", "eSwitchMode", "externallyManaged", NULL };
	static const struct import_usual usual[] = { { "linkType", "eth" },
		{ "eSwitchMode", "legacy" }, { "externallyManaged", "false" }, { NULL, NULL } };
	const struct node *address = node_get(interface, "pciAddress"),
			  *mtu = node_get(interface, "mtu");
	struct desired probe = { 0 }, *desired;

	if (!node_text(address) || !*node_text(address)) {
		import_wrong(import, address ? address : interface,
				"an interface needs a pciAddress");
		return;
	}
	import_check_keys(import, interface, known);
	import_check_usual(import, interface, usual);
	import_set(import, &probe, "Match", "Path", address);
	desired = import_card(import, &probe.selector);
	import_set(import, desired, "PF", "SR-IOVVirtualFunctions", node_get(interface, "numVfs"));
	if (node_text(mtu) && !strcmp(node_text(mtu), "0"))
		mtu = NULL; /* treated as absent */
	import_set(import, desired, "PF", "MTUBytes", mtu);
	if (mtu)
		import_left(import, mtu, "mtu is set on the card; VFs' interfaces keep their own");
	take_groups(import, desired, interface, node_get(interface, "vfGroups"));
}

static void take_state(struct import *import, const struct node *state)
{
	static const char *const known[] = { "interfaces", NULL };
	const struct node *spec = node_get(state, "spec"), *status = node_get(state, "status"),
			  *interfaces = node_get(spec, "interfaces");

	if (status)
		import_left(import, status,
				"status is what the node has: only spec, which is what it is to have, "
				"is imported");
	if (spec && spec->kind == NODE_MAP)
		import_check_keys(import, spec, known);
	if (interfaces && interfaces->kind != NODE_LIST && node_text(interfaces))
		import_wrong(import, interfaces, "interfaces takes a list");
	for (size_t i = 0; interfaces && interfaces->kind == NODE_LIST && i < interfaces->count;
			i++)
		take_interface(import, interfaces->items[i]);
}

static void read_documents(struct import *import, const struct node *documents)
{
	CLEANUP(cleanup_import_targets) struct import_targets targets = { 0 };

	import_collect(import, documents, &import_node_state, &targets);
	for (size_t i = 0; i < targets.count; i++) {
		const struct node *name =
				node_get(node_get(targets.items[i].object, "metadata"), "name");

		targets.items[i].name = node_text(name);
		targets.items[i].place = name ? name : targets.items[i].object;
	}
	import_choose(import, &targets);
	for (size_t i = 0; i < targets.count; i++) {
		if (targets.items[i].chosen)
			take_state(import, targets.items[i].object);
	}
}

static int parse(struct import *import, const char *text, size_t length, struct err *err)
{
	return import_yaml(import, text, length, read_documents, err);
}

static const char *const kinds[] = { "SriovNetworkNodeState", NULL };

const struct import_format import_node_state = {
	.name = "sriov-network-node-state",
	.help = "SriovNetworkNodeState of Kubernetes: what the operator decided for a node",
	.takes_node = true,
	.kinds = kinds,
	.parse = parse,
};

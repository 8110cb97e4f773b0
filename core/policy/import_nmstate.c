/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "policy/import_internal.h"

/* nmstate: of each interface what its ethernet.sr-iov says, and its MTU. */

static void check_vf_keys(struct import *import, const struct node *vf)
{
	const char *known[VF_VALUES_MOST + 2] = { "id" };
	const struct vf_value *value;
	size_t count = 1;

	for (unsigned i = 0; (value = vf_value_at(i)); i++) {
		if (value->nmstate)
			known[count++] = value->nmstate;
	}
	import_check_keys(import, vf, known);
}

static void take_vf(struct import *import, struct desired *desired, const struct node *vf)
{
	const struct node *id = node_get(vf, "id");
	const char *vlan = node_text(node_get(vf, "vlan-id"));
	bool no_vlan = vlan && !strcmp(vlan, "0");
	const struct vf_value *value;
	uint64_t index;

	if (!id || !node_text(id) ||
			number_parse(node_text(id), 0, DESIRED_VFS_MOST - 1, &index) < 0) {
		import_wrong(import, id ? id : vf, "a VF needs an id, a number from 0 to %d",
				DESIRED_VFS_MOST - 1);
		return;
	}
	check_vf_keys(import, vf);
	for (unsigned i = 0; (value = vf_value_at(i)); i++) {
		/* nmstate shows a protocol without a VLAN. */
		if (value->nmstate && !(no_vlan && value->kind == VF_VALUE_PROTO))
			import_set_vf(import, desired, (unsigned)index, value->key,
					node_get(vf, value->nmstate));
	}
}

static void take_sriov(struct import *import, struct desired *desired, const struct node *sriov)
{
	static const char *const known[] = { "total-vfs", "drivers-autoprobe", "vfs", NULL };
	const struct node *vfs = node_get(sriov, "vfs");

	import_check_keys(import, sriov, known);
	import_set(import, desired, "PF", "SR-IOVVirtualFunctions", node_get(sriov, "total-vfs"));
	import_set(import, desired, "PF", "Autoprobe", node_get(sriov, "drivers-autoprobe"));
	if (vfs && vfs->kind != NODE_LIST)
		import_wrong(import, vfs, "vfs takes a list");
	else if (vfs && !vfs->count)
		import_left(import, vfs,
				"an empty vfs takes settings back; a policy file names "
				"those it wants");
	for (size_t i = 0; vfs && vfs->kind == NODE_LIST && i < vfs->count; i++)
		take_vf(import, desired, vfs->items[i]);
}

/* How nmstate knows an interface: by its name, unless identifier says otherwise. */
static void take_match(struct import *import, const struct node *interface, struct desired *probe)
{
	const struct node *by = node_get(interface, "identifier"),
			  *name = node_get(interface, "name");
	const char *text = by ? node_text(by) : NULL;
	const struct node *mac = node_get(interface, "permanent-mac-address");

	if (text && !strcmp(text, "pci-address")) {
		import_set(import, probe, "Match", "Path", node_get(interface, "pci-address"));
		return;
	}
	if (text && !strcmp(text, "mac-address"))
		mac = node_get(interface, "mac-address");
	else if (text && strcmp(text, "name") != 0)
		import_wrong(import, by, "identifier takes name, mac-address or pci-address");
	if (mac) {
		import_set(import, probe, "Match", "PermanentMACAddress", mac);
	} else {
		import_set(import, probe, "Match", "Name", name);
		import_left(import, name,
				"the card is known by its interface's name, which may "
				"change: put Path= or PermanentMACAddress= in its place");
	}
}

static void take_interface(struct import *import, const struct node *interface)
{
	static const char *const known[] = { "name", "type", "state", "identifier", "pci-address",
		"mac-address", "permanent-mac-address", "mtu", "ethernet", NULL };
	static const char *const known_ethernet[] = { "sr-iov", NULL };
	const struct node *ethernet = node_get(interface, "ethernet"),
			  *sriov = node_get(ethernet, "sr-iov"),
			  *name = node_get(interface, "name"),
			  *state = node_get(interface, "state");
	struct desired probe = { 0 };
	struct desired *desired;

	if (!name || !node_text(name)) {
		import_wrong(import, interface, "an interface needs a name");
		return;
	}
	if (!sriov) {
		import_left(import, interface, "interface %s has no sr-iov", node_text(name));
		return;
	}
	if (sriov->kind != NODE_MAP) {
		import_wrong(import, sriov, "sr-iov takes total-vfs and vfs");
		return;
	}
	import_check_keys(import, interface, known);
	import_check_keys(import, ethernet, known_ethernet);
	if (state && node_text(state) && strcmp(node_text(state), "up") != 0)
		import_left(import, state, "state %s: a card with VFs is brought up",
				node_text(state));
	take_match(import, interface, &probe);
	desired = import_card(import, &probe.selector);
	import_set(import, desired, "PF", "MTUBytes", node_get(interface, "mtu"));
	take_sriov(import, desired, sriov);
}

static void read_documents(struct import *import, const struct node *documents)
{
	static const char *const known[] = { "interfaces", NULL };

	for (size_t i = 0; i < documents->count; i++) {
		const struct node *document = documents->items[i],
				  *interfaces = node_get(document, "interfaces");

		if (!interfaces || interfaces->kind != NODE_LIST) {
			import_wrong(import, interfaces ? interfaces : document,
					"nmstate's files have a list of interfaces");
			continue;
		}
		import_check_keys(import, document, known);
		for (size_t k = 0; k < interfaces->count; k++)
			take_interface(import, interfaces->items[k]);
	}
}

static int parse(struct import *import, const char *text, size_t length, struct err *err)
{
	return import_yaml(import, text, length, read_documents, err);
}

const struct import_format import_nmstate = {
	.name = "nmstate",
	.help = "nmstate's interfaces with ethernet.sr-iov",
	.parse = parse,
};

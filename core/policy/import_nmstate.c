/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "policy/import_internal.h"

/*
 * nmstate: reads ethernet.sr-iov and the MTU of each interface. A state may be a file of its own,
 * or be in a policy of nmstate, in an object of kubernetes-nmstate, or in a file of an OpenShift
 * installer.
 */

/* Whether the state shows what the interface has: a setting that nobody chose is then not
 * wanted. */
static bool is_shown(const struct node *interface)
{
	return node_get(interface, "min-mtu") || node_get(interface, "max-mtu");
}

static void check_vf_keys(struct import *import, const struct node *vf)
{
	const char *known[VF_VALUES_MOST + 3] = { "id", "iface-name" };
	const struct vf_value *value;
	size_t count = 2;

	for (unsigned i = 0; (value = vf_value_at(i)); i++) {
		if (value->nmstate)
			known[count++] = value->nmstate;
	}
	import_check_keys(import, vf, known);
}

/* Takes VALUE of a VF. */
static void take_value(struct import *import, struct desired *desired, unsigned index,
		const struct node *vf, const struct vf_value *value)
{
	const struct node *node = node_get(vf, value->nmstate);
	const char *vlan = node_text(node_get(vf, "vlan-id")), *text = node_text(node);
	struct mac mac;

	if (value->kind == VF_VALUE_PROTO && vlan && !strcmp(vlan, "0"))
		return; /* nmstate shows a protocol without a VLAN */
	if (value->kind == VF_VALUE_MAC && text && !mac_parse(text, &mac) && mac_is_zero(mac))
		return; /* the VF chooses its address */
	import_set_vf(import, desired, index, value->key, node);
}

static void take_vf(struct import *import, struct desired *desired, const struct node *vf)
{
	const struct node *id = node_get(vf, "id");
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
		if (value->nmstate)
			take_value(import, desired, (unsigned)index, vf, value);
	}
}

static void take_sriov(struct import *import, struct desired *desired, const struct node *sriov,
		bool shown)
{
	static const char *const known[] = { "total-vfs", "drivers-autoprobe", "vfs", NULL };
	const struct node *vfs = node_get(sriov, "vfs");

	import_check_keys(import, sriov, known);
	import_set(import, desired, "PF", "SR-IOVVirtualFunctions", node_get(sriov, "total-vfs"));
	import_set(import, desired, "PF", "Autoprobe", node_get(sriov, "drivers-autoprobe"));
	if (vfs && vfs->kind != NODE_LIST)
		import_wrong(import, vfs, "vfs takes a list");
	else if (vfs && !vfs->count && !shown)
		import_left(import, vfs,
				"an empty vfs takes settings back; a policy file names "
				"those it wants");
	else if (vfs && vfs->count && !desired->count_given)
		import_left(import, vfs,
				"total-vfs is not given: the number of VFs stays as it is");
	for (size_t i = 0; vfs && vfs->kind == NODE_LIST && i < vfs->count; i++)
		take_vf(import, desired, vfs->items[i]);
	for (size_t i = 0; shown && i < desired->vf_count; i++)
		vf_settings_drop_unset(&desired->vfs[i].settings);
}

/* nmstate identifies an interface by its name, unless "identifier" says otherwise. */
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

static void take_interface(struct import *import, const struct node *interface, bool shown)
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
	take_sriov(import, desired, sriov, shown || is_shown(interface));
}

/* SHOWN: the state is what a host has, not what it should have. */
static void take_state(struct import *import, const struct node *state, bool shown)
{
	static const char *const known[] = { "interfaces", NULL };
	const struct node *interfaces = node_get(state, "interfaces");

	if (!interfaces || interfaces->kind != NODE_LIST) {
		import_wrong(import, interfaces ? interfaces : state,
				"nmstate's files have a list of interfaces");
		return;
	}
	import_check_keys(import, state, known);
	for (size_t i = 0; i < interfaces->count; i++)
		take_interface(import, interfaces->items[i], shown);
}

static const char kind_shown[] = "NodeNetworkState";

static const struct node *get2(const struct node *map, const char *key, const char *inner)
{
	return node_get(node_get(map, key), inner);
}

/* Adds each host of an installer file. */
static void add_hosts(
		struct import *import, const struct node *hosts, struct import_targets *targets)
{
	for (size_t i = 0; i < hosts->count; i++) {
		const struct node *host = hosts->items[i], *state = node_get(host, "networkConfig"),
				  *name = node_get(host, "hostname");

		name = name ? name : node_get(host, "name");
		if (state)
			import_target_add(targets,
					(struct import_target){ .object = state,
							.place = name ? name : host,
							.name = node_text(name) });
		else
			import_left(import, host, "this host has no networkConfig");
	}
}

/* Adds the state in DOCUMENT and the nodes that it is for. */
static bool add_state(const struct node *document, const char *kind, struct import_targets *targets)
{
	const struct node *name = get2(document, "metadata", "name");
	struct import_target target = { .kind = kind, .place = name ? name : document };

	if (kind && !strcmp(kind, "NodeNetworkConfigurationPolicy")) {
		target.object = get2(document, "spec", "desiredState");
		target.labels = get2(document, "spec", "nodeSelector");
	} else if (kind && !strcmp(kind, "NodeNetworkConfigurationEnactment")) {
		target.object = get2(document, "status", "desiredState");
		target.name = node_text(
				node_get(get2(document, "metadata", "labels"), "nmstate.io/node"));
	} else if (kind && !strcmp(kind, kind_shown)) {
		target.object = get2(document, "status", "currentState");
		target.name = node_text(name);
	} else if (kind && !strcmp(kind, "NMStateConfig")) {
		target.object = get2(document, "spec", "config");
		target.name = node_text(name);
	} else if (node_get(document, "interfaces")) {
		target.object = document;
	} else {
		target.object = node_get(document, "desiredState");
		target.object = target.object ? target.object : node_get(document, "desired");
	}
	if (target.object)
		import_target_add(targets, target);
	return target.object;
}

static void collect(
		struct import *import, const struct node *documents, struct import_targets *targets)
{
	for (size_t i = 0; i < documents->count; i++) {
		const struct node *document = documents->items[i],
				  *items = node_get(document, "items"),
				  *hosts = node_get(document, "hosts");
		const char *kind = node_text(node_get(document, "kind"));

		if (!hosts)
			hosts = node_get(get2(document, "platform", "baremetal"), "hosts");
		if (items && items->kind == NODE_LIST)
			collect(import, items, targets);
		else if (hosts && hosts->kind == NODE_LIST)
			add_hosts(import, hosts, targets);
		else if (!add_state(document, kind, targets) &&
				!import_leave_kind(import, document, &import_nmstate))
			(kind ? import_left : import_wrong)(import, document,
					"%.60s has no list of interfaces of nmstate",
					kind ? kind : "the document");
	}
}

static void read_documents(struct import *import, const struct node *documents)
{
	CLEANUP(cleanup_import_targets) struct import_targets targets = { 0 };

	collect(import, documents, &targets);
	import_choose(import, &targets);
	for (size_t i = 0; i < targets.count; i++) {
		const struct import_target *target = &targets.items[i];

		if (target->chosen)
			take_state(import, target->object,
					target->kind && !strcmp(target->kind, kind_shown));
	}
}

static int parse(struct import *import, const char *text, size_t length, struct err *err)
{
	return import_yaml(import, text, length, read_documents, err);
}

static const char *const kinds[] = { "NodeNetworkConfigurationPolicy", kind_shown, "NMStateConfig",
	"AgentConfig", "NodeNetworkConfigurationEnactment", NULL };

const struct import_format import_nmstate = {
	.name = "nmstate",
	.help = "nmstate's interfaces with ethernet.sr-iov, alone or in Kubernetes' objects",
	.takes_node = true,
	.kinds = kinds,
	.parse = parse,
};

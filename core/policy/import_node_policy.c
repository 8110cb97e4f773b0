/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "policy/import_vf_groups.h"

/*
 * SriovNetworkNodePolicy. Its selector means all cards of many nodes that match everything that it
 * gives: one of rootDevices, one of pfNames, vendor, deviceID. A policy file means one card. So
 * each root device becomes a card or, without root devices, each name. A name may end with
 * #FIRST-LAST: the policy then concerns only these VFs, and other policies the rest.
 */

struct policy {
	const struct node *object, *spec;
	const char *name;
	uint64_t priority; /* 0 is the highest */
	size_t position;   /* position in the file */
};

struct merge {
	struct vf_plans plans;
	const struct policy *policy;
	bool same_priority; /* same as the previous policy */
};

static const char *text_of(const struct node *map, const char *key)
{
	return node_text(node_get(map, key));
}

/* Vendor and device; only both together identify a kind of card. */
static void take_ids(struct import *import, const struct node *selector, struct desired *probe)
{
	const char *vendor = text_of(selector, "vendor"), *device = text_of(selector, "deviceID");
	CLEANUP(cleanup_free) char *both = NULL;
	const char *takes;

	vendor = vendor && *vendor ? vendor : NULL;
	device = device && *device ? device : NULL;
	if (!vendor || !device) {
		if (vendor || device)
			import_left(import, node_get(selector, vendor ? "vendor" : "deviceID"),
					"%s alone: a policy file takes vendor and device together",
					vendor ? "vendor" : "deviceID");
		return;
	}
	both = text_format("%s:%s", vendor, device);
	if (desired_set(probe, "Match", "Device", both, &takes) < 0)
		import_wrong(import, node_get(selector, "vendor"),
				"vendor and deviceID take four hexadecimal digits each, not "
				"'%.20s' and '%.20s'",
				vendor, device);
}

/* Finds the VFs that the policy concerns: those of the range after the name, or all. */
static void choose_vfs(struct import *import, const struct node *name, const char *range,
		unsigned count, struct vf_group *group)
{
	bool chosen[DESIRED_VFS_MOST] = { false };

	for (unsigned i = 0; !range && i < count && i < DESIRED_VFS_MOST; i++)
		chosen[i] = true;
	if (range && desired_parse_indexes(range, chosen) < 0)
		import_wrong(import, name, "#%.20s is no range of VFs such as #0-3", range);
	for (unsigned i = 0; i < DESIRED_VFS_MOST; i++) {
		if (chosen[i])
			group->vfs[i / 64] |= 1ull << i % 64;
		if (!chosen[i] || i < count)
			continue;
		import_wrong(import, name, "#%.20s: there is no VF %u of %u", range, i, count);
		return;
	}
}

/* Adds one card of the policy. NAME is the node of pfNames that names it, or NULL. */
static void take_card(struct import *import, struct merge *merge, const struct desired *probe,
		const struct node *name, const char *range)
{
	const struct node *spec = merge->policy->spec;
	const char *type = text_of(spec, "deviceType"), *resource = text_of(spec, "resourceName");
	struct vf_group group = { .policy = merge->policy->object,
		.type = type ? type : "",
		.resource = resource ? resource : "" };
	struct desired *desired = import_card(import, &probe->selector);
	uint64_t vfs = 0;

	number_parse(text_of(spec, "numVfs"), 0, UINT16_MAX, &vfs);
	choose_vfs(import, name, range, (unsigned)vfs, &group);
	vf_plan_merge(import, &merge->plans, (size_t)(desired - import->set.items), &group, spec,
			merge->same_priority);
}

static bool is_list(const struct node *node)
{
	return node && node->kind == NODE_LIST && node->count;
}

/* Go does not distinguish absent, null and empty. */
static bool is_empty(const struct node *node)
{
	const char *text = node_text(node);

	return !node || (node->kind == NODE_TEXT ? !text || !*text : !node->count);
}

static void take_roots(struct import *import, struct merge *merge, const struct node *roots,
		const struct node *names, const struct desired *ids)
{
	/* If there is one root device and one name, the range in the name is for this card. */
	const struct node *only = is_list(names) && names->count == 1 && roots->count == 1
			? names->items[0]
			: NULL;
	CLEANUP(cleanup_free)
	char *copy = text_format("%s", only && node_text(only) ? node_text(only) : "");
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
		take_card(import, merge, &probe, only, range);
	}
}

/* Whether an earlier entry names the same card: the operator takes the first. */
static bool is_named_before(const struct node *names, size_t index, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < index; i++) {
		const char *text = node_text(names->items[i]);

		if (text && !strncmp(text, name, length) && (!text[length] || text[length] == '#'))
			return true;
	}
	return false;
}

static void take_names(struct import *import, struct merge *merge, const struct node *names,
		const struct desired *ids)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct node *name = names->items[i];
		const char *text = node_text(name), *takes = "";
		CLEANUP(cleanup_free) char *copy = text_format("%s", text ? text : "");
		char *range = strchr(copy, '#');
		struct desired probe = *ids;

		if (range)
			*range++ = '\0';
		if (!*copy || desired_set(&probe, "Match", "Name", copy, &takes) < 0) {
			import_wrong(import, name, "pfNames takes names of interfaces");
			continue;
		}
		if (is_named_before(names, i, copy)) {
			import_left(import, name,
					"%s: the operator takes the first entry for %s, and no "
					"other: write one range",
					text, copy);
			continue;
		}
		import_left(import, name,
				"card %s is known by its interface's name, which may "
				"change: put Path= or PermanentMACAddress= in its place",
				copy);
		take_card(import, merge, &probe, name, range);
	}
}

/* Go does not distinguish 0 and absent. */
static bool is_zero(const struct node *node)
{
	return is_empty(node) || (node_text(node) && !strcmp(node_text(node), "0"));
}

/* Reports what a policy file cannot express, unless it has the usual value. */
static void check_rest(struct import *import, const struct node *spec)
{
	static const char *const known[] = { "numVfs", "nicSelector", "nodeSelector", "priority",
		"mtu", "deviceType", "eSwitchMode", "linkType", "isRdma", "needVhostNet",
		"excludeTopology", "externallyManaged", NULL };
	/* deviceType is first: it may be vfio-pci too. */
	static const struct import_usual usual[] = {
		{ "deviceType", "netdevice" },
		{ "eSwitchMode", "legacy" },
		{ "linkType", "eth" },
		{ "isRdma", "false" },
		{ "needVhostNet", "false" },
		{ "excludeTopology", "false" },
		{ "externallyManaged", "false" },
		{ NULL, NULL },
	};
	const char *type = text_of(spec, "deviceType");
	const struct node *mtu = node_get(spec, "mtu");

	import_check_keys(import, spec, known);
	import_check_usual(import, spec, usual + (type && !strcmp(type, "vfio-pci")));
	if (!is_zero(mtu))
		import_left(import, mtu, "mtu is set on the card; VFs' interfaces keep their own");
}

static void take_policy(struct import *import, struct merge *merge)
{
	static const char *const known_selector[] = { "vendor", "deviceID", "rootDevices",
		"pfNames", NULL };
	const struct node *spec = merge->policy->spec, *selector = node_get(spec, "nicSelector"),
			  *roots = node_get(selector, "rootDevices"),
			  *names = node_get(selector, "pfNames");
	struct desired ids = { 0 };

	check_rest(import, spec);
	import_check_keys(import, selector, known_selector);
	take_ids(import, selector, &ids);
	if ((!is_empty(roots) && !is_list(roots)) || (!is_empty(names) && !is_list(names))) {
		import_wrong(import, selector, "rootDevices and pfNames take lists");
	} else if (is_list(roots)) {
		take_roots(import, merge, roots, names, &ids);
	} else if (is_list(names)) {
		take_names(import, merge, names, &ids);
	} else if (ids.selector.by_device) {
		import_left(import, selector,
				"all cards with these ids are meant, and a policy file means one: "
				"add Path= or Port=, and a file for each");
		take_card(import, merge, &ids, NULL, NULL);
	} else {
		import_wrong(import, selector,
				"names no card: give rootDevices, pfNames, or vendor and deviceID");
	}
}

static bool is_selector_empty(const struct node *selector)
{
	for (size_t i = 0; i < selector->count; i++) {
		if (!is_empty(selector->items[i]))
			return false;
	}
	return true;
}

/* Returns why the operator ignores the policy, or NULL. */
static const char *idle_reason(const struct node *policy)
{
	const struct node *spec = node_get(policy, "spec");
	const char *name = text_of(node_get(policy, "metadata"), "name");

	if (name && !strcmp(name, "default"))
		return "the operator ignores the policy with the name default";
	if (is_selector_empty(node_get(spec, "nicSelector")))
		return "an empty nicSelector matches no card";
	if (!strcmp(text_of(spec, "numVfs"), "0"))
		return "the operator ignores a policy with numVfs 0";
	return NULL;
}

/* Whether the policy is valid and the operator applies it. */
static bool check_policy(struct import *import, const struct node *policy)
{
	const struct node *spec = node_get(policy, "spec"),
			  *selector = node_get(spec, "nicSelector"),
			  *priority = node_get(spec, "priority");
	const char *count = text_of(spec, "numVfs"), *reason;
	uint64_t number;

	if (!selector || selector->kind != NODE_MAP || !count || !*count) {
		import_wrong(import, spec ? spec : policy,
				"a SriovNetworkNodePolicy has a spec with nicSelector and numVfs");
		return false;
	}
	if (!is_empty(priority) &&
			(!node_text(priority) ||
					number_parse(node_text(priority), 0, 99, &number) < 0)) {
		import_wrong(import, priority, "priority takes a number from 0 to 99");
		return false;
	}
	reason = idle_reason(policy);
	if (reason)
		import_left(import, policy, "%s", reason);
	return !reason;
}

/* In the order in which the operator applies them. */
static int compare_policies(const void *a, const void *b)
{
	const struct policy *x = a, *y = b;
	int rc = strcmp(x->name, y->name);

	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	return rc ? rc : x->position < y->position ? -1 : 1;
}

static void apply_policies(struct import *import, const struct import_targets *targets)
{
	struct policy *policies = calloc(targets->count + 1, sizeof(*policies));
	struct merge merge = { 0 };
	size_t count = 0;

	if (!policies)
		abort();
	for (size_t i = 0; i < targets->count; i++) {
		const struct node *object = targets->items[i].object;
		const char *name = text_of(node_get(object, "metadata"), "name");
		const char *priority = text_of(node_get(object, "spec"), "priority");
		struct policy policy = { object, node_get(object, "spec"), name ? name : "", 0, i };

		if (!targets->items[i].chosen)
			continue;
		if (priority && *priority)
			number_parse(priority, 0, 99, &policy.priority);
		policies[count++] = policy;
	}
	qsort(policies, count, sizeof(*policies), compare_policies);
	for (size_t i = 0; i < count; i++) {
		merge.policy = &policies[i];
		merge.same_priority = i && policies[i - 1].priority == policies[i].priority;
		take_policy(import, &merge);
	}
	vf_plans_apply(import, &merge.plans);
	cleanup_vf_plans(&merge.plans);
	free(policies);
}

/* Selectors of different kinds may mean one card, which only the host can tell. */
static void check_same_cards(struct import *import)
{
	const struct desired_set *set = &import->set;

	for (size_t i = 1; !import->wrong.count && i < set->count; i++) {
		const struct pf_selector *first = &set->items[0].selector;
		const struct pf_selector *other = &set->items[i].selector;

		if (first->by_path == other->by_path && first->by_name == other->by_name)
			continue;
		import_left(import, NULL,
				"cards %s and %s may be the same one, since each is known by something "
				"else: a card has one policy file",
				set->items[0].file, set->items[i].file);
		return;
	}
}

static void read_documents(struct import *import, const struct node *documents)
{
	CLEANUP(cleanup_import_targets) struct import_targets targets = { 0 };
	size_t kept = 0;

	import_collect(import, documents, &import_node_policy, &targets);
	for (size_t i = 0; i < targets.count; i++) {
		struct import_target target = targets.items[i];
		const struct node *spec = node_get(target.object, "spec");

		target.labels = node_get(spec, "nodeSelector");
		target.place = target.labels ? target.labels : target.object;
		if (!check_policy(import, target.object))
			continue;
		targets.items[kept++] = target;
	}
	targets.count = kept;
	import_choose(import, &targets);
	for (size_t i = 0; i < targets.count && !import->node; i++) {
		if (targets.items[i].chosen && targets.items[i].labels &&
				targets.items[i].labels->count)
			import_left(import, targets.items[i].labels,
					"nodeSelector is not checked: the policy file is for the "
					"host that gets it");
	}
	apply_policies(import, &targets);
	check_same_cards(import);
}

static int parse(struct import *import, const char *text, size_t length, struct err *err)
{
	return import_yaml(import, text, length, read_documents, err);
}

static const char *const kinds[] = { "SriovNetworkNodePolicy", NULL };

const struct import_format import_node_policy = {
	.name = "sriov-network-node-policy",
	.help = "SriovNetworkNodePolicy of Kubernetes, one or several",
	.takes_node = true,
	.kinds = kinds,
	.parse = parse,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/refusal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "command/verb.h"
#include "data/record.h"
#include "tests/assert.h"
#include "tests/program.h"

/*
 * Every rule, violated once: through the program if it has a verb, else through the catalog. Each
 * refusal gives its name, the object, and the remedy, and changes nothing.
 */
struct rule {
	enum refusal refusal;
	const char *before[6]; /* commands that run first, and must succeed */
	const char *refused;
	const char *says[3];
};

#define RED    "network add red --vlan 10 --label fast --bridge br0"
#define FAST   "profile add fast --network red --passthrough yes --migratable yes"
#define PLAIN  "profile add plain --network red"
#define CHOOSE "allow change eth0 --all no"

static const struct rule rules[] = {
	{ REFUSAL_NOT_SRIOV, { 0 }, "set 0000:00:01.0 --vfs 1", { "0000:00:01.0 has no SR-IOV" } },
	{ REFUSAL_NOT_SRIOV, { 0 }, "allow show eth1", { "virtual function of 0000:01:00.0" } },
	{ REFUSAL_VF_COUNT_OUT_OF_RANGE, { 0 }, "set eth0 --vfs 8", { "eth0", "0 to 7" } },

	{ REFUSAL_SETTING_NOT_FOR_LINK_LAYER, { 0 },
			"vf eth0 0 --vlan 5 --port-guid 02:00:00:00:00:00:00:01",
			{ "eth0", "Ethernet card have no port GUID (PortGUID, --port-guid)",
					"use MACAddress" } },

	{ REFUSAL_CANNOT_SET_WHILE_ALL_ALLOWED, { RED }, "allow add eth0 --network red",
			{ "eth0", "vfctl allow change eth0 --all no" } },
	{ REFUSAL_CANNOT_SET_WHILE_ALL_ALLOWED, { RED }, "allow remove eth0 --label fast",
			{ "eth0", "vfctl allow change eth0 --all no" } },
	{ REFUSAL_NETWORK_ALREADY_ALLOWED, { RED, CHOOSE, "allow add eth0 --network red" },
			"allow add eth0 --network red", { "eth0", "red" } },
	{ REFUSAL_NETWORK_NOT_ALLOWED, { RED, CHOOSE }, "allow remove eth0 --network red",
			{ "eth0", "red", "vfctl allow show eth0" } },
	{ REFUSAL_LABEL_ALREADY_ALLOWED, { CHOOSE, "allow add eth0 --label fast" },
			"allow add eth0 --label fast", { "eth0", "fast" } },
	{ REFUSAL_LABEL_NOT_ALLOWED, { CHOOSE }, "allow remove eth0 --label fast",
			{ "eth0", "fast" } },
	{ REFUSAL_NETWORK_MISSING, { CHOOSE }, "allow add eth0 --network blue",
			{ "no network blue", "vfctl network add" } },

	{ REFUSAL_NETWORK_EXISTS, { RED }, "network add red",
			{ "red", "vfctl network change red" } },
	{ REFUSAL_NETWORK_MISSING, { 0 }, "network change blue --vlan 5",
			{ "blue", "vfctl network list" } },
	{ REFUSAL_NETWORK_MISSING, { 0 }, "network remove blue", { "blue" } },
	{ REFUSAL_NETWORK_MISSING, { 0 }, "network show ../x", { "../x" } },
	{ REFUSAL_NETWORK_MISSING, { 0 }, "profile add fast --network blue",
			{ "profile fast", "no network blue", "vfctl network add" } },
	{ REFUSAL_NETWORK_MISSING, { 0 }, "profile add fast", { "Network=" } },
	{ REFUSAL_NETWORK_IN_USE, { RED, PLAIN }, "network remove red",
			{ "network red", "profile plain" } },
	{ REFUSAL_NETWORK_IN_USE, { RED, CHOOSE, "allow add eth0 --network red" },
			"network remove red", { "network red", "allowlist 52-54-00-00-00-02" } },
	{ REFUSAL_NETWORK_NOT_FOR_VMS, { "network add storage --vm no" },
			"profile add x --network storage", { "storage", "VM=yes" } },
	{ REFUSAL_NETWORK_NOT_FOR_VMS, { RED, PLAIN }, "network change red --vm no",
			{ "plain.profile", "red" } },

	{ REFUSAL_PROFILE_EXISTS, { RED, PLAIN }, PLAIN, { "plain", "vfctl profile change" } },
	{ REFUSAL_PROFILE_MISSING, { 0 }, "profile change x --fallback yes", { "x" } },
	{ REFUSAL_PROFILE_IN_USE, { RED, PLAIN, FAST, "profile change fast --failover plain" },
			"profile remove plain", { "profile plain", "profile fast" } },
	{ REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY, { RED, FAST },
			"profile change fast --port-mirroring yes", { "fast", "PortMirroring" } },
	{ REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY, { RED, FAST }, "profile change fast --qos gold",
			{ "fast", "QoS", "MaxRate=" } },
	{ REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY, { RED, FAST },
			"profile change fast --network-filter clean-traffic",
			{ "fast", "NetworkFilter" } },
	{ REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY, { "network add quiet --port-isolation yes" },
			"profile add fast --network quiet --passthrough yes",
			{ "fast", "port isolation", "quiet" } },
	{ REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY, { RED, FAST },
			"network change red --port-isolation yes", { "fast.profile", "red" } },
	{ REFUSAL_PROPERTY_NEEDS_PASSTHROUGH, { RED, PLAIN },
			"profile change plain --migratable yes", { "Migratable=" } },
	{ REFUSAL_PROPERTY_NEEDS_PASSTHROUGH, { RED, PLAIN }, "profile change plain --fallback yes",
			{ "Fallback=" } },
	{ REFUSAL_PROPERTY_NEEDS_PASSTHROUGH, { RED, PLAIN }, "profile change plain --max-rate 100",
			{ "MaxRate=" } },
	{ REFUSAL_MIN_RATE_ABOVE_MAX_RATE, { RED, FAST },
			"profile change fast --min-rate 200 --max-rate 100",
			{ "MinRate=200", "MaxRate=100" } },
	{ REFUSAL_FALLBACK_NEEDS_BRIDGE, { "network add bare" },
			"profile add fast --network bare --passthrough yes --fallback yes",
			{ "bare", "Bridge=" } },
	{ REFUSAL_FALLBACK_NEEDS_BRIDGE, { RED, FAST, "profile change fast --fallback yes" },
			"network change red --bridge ''", { "fast.profile", "red" } },
	{ REFUSAL_FAILOVER_NEEDS_MIGRATABLE_PASSTHROUGH, { RED, PLAIN },
			"profile add f --network red --failover plain", { "Passthrough=yes" } },
	{ REFUSAL_FAILOVER_NEEDS_MIGRATABLE_PASSTHROUGH, { RED, PLAIN },
			"profile add f --network red --passthrough yes --failover plain",
			{ "Migratable=yes" } },
	{ REFUSAL_FAILOVER_TARGET_MISSING, { RED, FAST }, "profile change fast --failover x",
			{ "no profile x", "vfctl profile add" } },
	{ REFUSAL_FAILOVER_TARGET_PASSTHROUGH,
			{ RED, FAST, "profile add f --network red --passthrough yes" },
			"profile change fast --failover f", { "profile f is passthrough" } },
	{ REFUSAL_FAILOVER_TARGET_SELF, { RED, FAST }, "profile change fast --failover fast",
			{ "itself" } },
	{ REFUSAL_FAILOVER_TARGET_EXTERNAL,
			{ RED, FAST, "network add out --provider ovn",
					"profile add o --network out" },
			"profile change fast --failover o", { "profile o", "ovn" } },
	{ REFUSAL_FAILOVER_TARGET_EXTERNAL,
			{ RED, FAST, "network add out", "profile add o --network out",
					"profile change fast --failover o" },
			"network change out --provider ovn", { "fast.profile", "ovn" } },
};

static bool seen[REFUSAL_COUNT];
static struct said said;

static void must_do(struct tree *tree, const char *line)
{
	program_run(VFCTL, tree, line, &said);
	if (said.status != EXIT_GOOD)
		fail_msg("'%s' ended with %d: %s", line, said.status, said.err);
}

/* Returns all files of the manager as one text. */
static char *all_files(struct tree *tree)
{
	struct catalog catalog = { 0 };
	struct diagnostics diagnostics = { 0 };
	const struct definition_kind *kinds[] = { &network_kind, &vnic_profile_kind,
		&allowlist_kind };
	struct record *all = record_array();
	char *text;

	assert_int_equal(catalog_read(tree->host, &catalog, &diagnostics, NULL), 0);
	for (int i = 0; i < 3; i++) {
		const struct definitions *list = catalog_list(&catalog, kinds[i]);

		for (size_t k = 0; k < list->count; k++)
			record_add(all, definition_to_record(kinds[i], definition_at(list, k)));
	}
	text = record_print(all);
	record_free(all);
	catalog_free(&catalog);
	diagnostics_free(&diagnostics);
	return text;
}

static void assert_refusal(const struct rule *rule, const char *line)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	const char *name = refusal_name(rule->refusal), *message;
	struct err err = { 0 };

	if (said.status != EXIT_USAGE && said.status != EXIT_UNUSABLE)
		fail_msg("'%s' was not refused as %s: %d", line, name, said.status);
	if (record_parse("vfctl", said.out, strlen(said.out), &record, &err) < 0)
		fail_msg("'%s': %s", line, err.msg);
	assert_string_equal(record_str(record, "schema", ""), "refusal/1");
	message = record_str(record, "message", "");
	if (strcmp(record_str(record, "refusal", ""), name) != 0)
		fail_msg("'%s' was refused as %s, not as %s", line,
				record_str(record, "refusal", "?"), name);
	for (int i = 0; i < 3 && rule->says[i]; i++)
		assert_says(message, rule->says[i]);
	assert_says(said.err, name);
	seen[rule->refusal] = true;
}

/* One machine for all rules, since creating it takes most of the time. */
static void refuses_by_name_and_changes_nothing(void **state)
{
	struct tree *tree = *state;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct rule *rule = &rules[i];
		CLEANUP(cleanup_free) char *line = text_format("%s --json", rule->refused);
		char *before, *after;

		tree_remove(tree, "etc");
		for (int k = 0; k < 6 && rule->before[k]; k++)
			must_do(tree, rule->before[k]);
		before = all_files(tree);
		program_run(VFCTL, tree, line, &said);
		assert_refusal(rule, line);
		after = all_files(tree);
		assert_string_equal(before, after);
		free(before);
		free(after);
	}
}

static void refuses_while_vfs_are_in_use(void **state)
{
	static const struct rule rule = { REFUSAL_VFS_IN_USE, { 0 }, "",
		{ "eth0", "VF 0", "ip link set eth1 down" } };
	struct tree *tree = *state;

	tree_attribute(tree, TREE_VF0, "net/eth1/flags", "0x1003\n");
	program_run(VFCTL, tree, "set eth0 --vfs 2 --json", &said);
	assert_refusal(&rule, "set");
}

static void refuses_what_the_mode_of_the_eswitch_forbids(void **state)
{
	static const struct rule rule = { REFUSAL_ESWITCH_MODE, { 0 }, "",
		{ "eth0", "VF 2", "devlink dev eswitch set" } };
	struct tree *tree = *state;

	tree_driver(tree, TREE_PF, "mlx5_core");
	tree_netdev(tree, TREE_PF, "rep2", 77, 0x1002);
	tree_attribute(tree, TREE_PF, "net/rep2/phys_port_name", "pf0vf2\n");
	program_run(VFCTL, tree, "vf eth0 2 --vlan 7 --json", &said);
	assert_refusal(&rule, "vf");
}

static void refuses_two_allowlists_of_one_card(void **state)
{
	static const struct rule rule = { REFUSAL_AMBIGUOUS_ALLOWLIST, { 0 }, "",
		{ "eth0", "a.allow", "b.allow" } };
	struct tree *tree = *state;

	tree_file(tree, "etc/vfctl/allow/a.allow",
			"[Match]\nPath=0000:01:00.0\n[Allow]\nAll=yes\n");
	tree_file(tree, "etc/vfctl/allow/b.allow",
			"[Match]\nPermanentMACAddress=52:54:00:00:00:02\n[Allow]\nAll=yes\n");
	program_run(VFCTL, tree, "allow show eth0 --json", &said);
	assert_refusal(&rule, "allow show");
}

/* vNICs have no verbs of their own: the program that runs VMs stores them. */

static const char vnic_file[] = "[vNIC]\nVM=web1\nNIC=nic1\nProfile=%s\nPassthrough=%s\n"
				"Linked=%s\nPlugged=yes\n";

static void put_vnic(
		struct tree *tree, const char *profile, const char *passthrough, const char *linked)
{
	char text[200];

	snprintf(text, sizeof(text), vnic_file, profile, passthrough, linked);
	tree_file(tree, "var/lib/vfctl/vnics/ua-1.vnic", text);
}

static void freezes_profiles_in_use(void **state)
{
	static const struct rule frozen = { REFUSAL_PROFILE_IN_USE, { 0 }, "",
		{ "profile fast", "web1/nic1" } };
	struct tree *tree = *state;

	must_do(tree, RED);
	must_do(tree, FAST);
	put_vnic(tree, "fast", "yes", "yes");
	program_run(VFCTL, tree, "profile change fast --max-rate 100 --json", &said);
	assert_refusal(&frozen, "profile change");
	program_run(VFCTL, tree, "profile remove fast --json", &said);
	assert_refusal(&frozen, "profile remove");
	must_do(tree, "profile change fast --migratable yes"); /* the value that it has */
	must_do(tree, "network change red --vlan 11");         /* its network is not frozen */
	tree_remove(tree, "var/lib/vfctl/vnics/ua-1.vnic");
	must_do(tree, "profile change fast --max-rate 100");
}

static void keeps_vnics_and_profiles_of_one_type(void **state)
{
	static const struct rule mismatch = { REFUSAL_VNIC_TYPE_MISMATCH, { 0 }, "",
		{ "nic1 of VM web1", "profile plain" } };
	struct tree *tree = *state;

	must_do(tree, RED);
	must_do(tree, PLAIN);
	put_vnic(tree, "plain", "no", "yes");
	must_do(tree, "profile change plain --port-mirroring yes"); /* only passthrough freezes */
	must_do(tree, "profile change plain --port-mirroring no");
	program_run(VFCTL, tree, "profile change plain --passthrough yes --json", &said);
	assert_refusal(&mismatch, "profile change");
}

static void assert_vnic_refused(
		struct tree *tree, const struct vnic *vnic, enum refusal refusal, const char *says)
{
	struct catalog catalog = { 0 };
	struct err err = { 0 };

	assert_int_equal(catalog_open(tree->host, &catalog, &err), 0);
	assert_true(catalog_change(tree->host, &catalog, &vnic_kind, vnic, &err) < 0);
	assert_string_equal(err.refusal, refusal_name(refusal));
	assert_says(err.msg, says);
	catalog_free(&catalog);
	seen[refusal] = true;
}

static struct vnic some_vnic(const char *profile)
{
	struct vnic vnic;

	definition_init(&vnic_kind, &vnic, "ua-1");
	snprintf(vnic.vm, sizeof(vnic.vm), "web1");
	snprintf(vnic.nic, sizeof(vnic.nic), "nic1");
	snprintf(vnic.profile, sizeof(vnic.profile), "%s", profile);
	vnic.passthrough = true;
	return vnic;
}

static void store_vnic(struct tree *tree, const struct vnic *vnic)
{
	struct catalog catalog = { 0 };
	struct err err = { 0 };

	if (catalog_open(tree->host, &catalog, &err) < 0 ||
			catalog_change(tree->host, &catalog, &vnic_kind, vnic, &err) < 0)
		fail_msg("%s", err.msg);
	catalog_free(&catalog);
}

static void refuses_what_vnics_cannot(void **state)
{
	struct tree *tree = *state;
	struct vnic vnic = some_vnic("none");

	must_do(tree, RED);
	must_do(tree, FAST);
	must_do(tree, "profile add other --network red --passthrough yes");
	assert_vnic_refused(tree, &vnic, REFUSAL_PROFILE_MISSING, "no profile none");
	vnic = some_vnic("fast");
	vnic.linked = false;
	assert_vnic_refused(tree, &vnic, REFUSAL_PASSTHROUGH_UNLINKED, "unplug it");
	vnic = some_vnic("fast");
	vnic.passthrough = false;
	assert_vnic_refused(tree, &vnic, REFUSAL_VNIC_TYPE_MISMATCH, "nic1 of VM web1");
	vnic = some_vnic("fast");
	vnic.plugged = true;
	store_vnic(tree, &vnic);
	snprintf(vnic.profile, sizeof(vnic.profile), "other");
	assert_vnic_refused(tree, &vnic, REFUSAL_PASSTHROUGH_PLUGGED, "unplug it, change it");
	snprintf(vnic.profile, sizeof(vnic.profile), "fast");
	vnic.plugged = false;
	store_vnic(tree, &vnic); /* unplugged, then changed, then plugged */
	snprintf(vnic.profile, sizeof(vnic.profile), "other");
	store_vnic(tree, &vnic);
	vnic.plugged = true;
	store_vnic(tree, &vnic);
}

static void names_no_card_by_nothing(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "etc/vfctl/allow/a.allow", "[Match]\n[Allow]\n");
	program_run(VFCTL, tree, "allow list", &said);
	assert_int_equal(said.status, EXIT_USAGE);
	assert_says(said.err, refusal_name(REFUSAL_CARD_NOT_NAMED));
	seen[REFUSAL_CARD_NOT_NAMED] = true;
}

static void each_rule_was_broken_once(void **state)
{
	(void)state;
	for (int i = 0; i < REFUSAL_COUNT; i++) {
		/* Those of virtual machines need machines: test_attach.c. */
		if (!seen[i] && i < REFUSAL_VM_NOT_RUNNING)
			fail_msg("no test breaks the rule %s", refusal_name((enum refusal)i));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(refusal_name((enum refusal)i),
					refusal_name((enum refusal)k));
	}
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(refuses_by_name_and_changes_nothing),
		WITH_TREE(refuses_while_vfs_are_in_use),
		WITH_TREE(refuses_what_the_mode_of_the_eswitch_forbids),
		WITH_TREE(refuses_two_allowlists_of_one_card),
		WITH_TREE(freezes_profiles_in_use),
		WITH_TREE(keeps_vnics_and_profiles_of_one_type),
		WITH_TREE(refuses_what_vnics_cannot),
		WITH_TREE(names_no_card_by_nothing),
		cmocka_unit_test(each_rule_was_broken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

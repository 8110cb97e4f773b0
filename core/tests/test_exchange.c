/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "command/verb.h"
#include "data/record.h"
#include "tests/assert.h"
#include "tests/program.h"

/* The verbs import and export, as their users run them. */

static struct said said;

static void vfctl(struct tree *tree, const char *line, int status)
{
	program_run(VFCTL, tree, line, &said);
	if (said.status != status)
		fail_msg("'%s' ended with %d: %s", line, said.status, said.err);
}

static void vfctl_on(struct tree *tree, const char *format, const char *path, int status)
{
	CLEANUP(cleanup_free) char *line = NULL;

	if (asprintf(&line, format, tree->root, path, tree->root) < 0)
		abort();
	vfctl(tree, line, status);
}

static void imports_to_the_terminal_and_to_files(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;
	const struct record *import;

	tree_file(tree, "in/x.yaml",
			"interfaces:\n- name: a\n  ipv6: {}\n  ethernet: {sr-iov: {total-vfs: 2}}\n"
			"- name: b\n  ethernet: {sr-iov: {total-vfs: 3}}\n");
	vfctl_on(tree, "import --from nmstate %s/%s", "in/x.yaml", EXIT_GOOD);
	assert_says(said.out, "# File a.conf\n# From ");
	assert_says(said.out, "x.yaml:3:9: ipv6 is not for a policy file\n");
	assert_says(said.out, "[Match]\nName=b\n\n[PF]\nSR-IOVVirtualFunctions=3\n");
	assert_says(said.err, "left out: ");
	vfctl_on(tree, "import --from nmstate --json %s/%s", "in/x.yaml", EXIT_GOOD);
	record = said_record(&said, "vfctl-import/1");
	import = record_get(record, "import");
	assert_int_equal(record_length(record_get(import, "cards")), 2);
	assert_int_equal(record_length(record_get(import, "left_out")), 3);
	vfctl_on(tree, "import --from nmstate %s/%s -o %s/etc/vfctl", "in/x.yaml", EXIT_GOOD);
	assert_says(said.out, "etc/vfctl/a.conf\n");
	vfctl_on(tree, "verify %s/%s", "etc/vfctl/a.conf", EXIT_GOOD);
	vfctl_on(tree, "import --from nmstate %s/%s -o %s/etc/vfctl", "in/x.yaml", EXIT_UNUSABLE);
	assert_says(said.err, "a.conf is there already: nothing was written");
}

static void imports_nothing_of_a_bad_file(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "in/x.yaml",
			"interfaces:\n- name: a\n  mtu: 1\n  ethernet: {sr-iov: {total-vfs: x}}\n");
	vfctl_on(tree, "import --from nmstate %s/%s -o %s/out", "in/x.yaml", EXIT_USAGE);
	assert_says(said.err, "left out: ");
	assert_says(said.err, "x.yaml:2:9: the card is known by its interface's name, ");
	assert_says(said.err, "x.yaml:3:8: mtu takes");
	assert_says(said.err, "x.yaml:4:34: total-vfs takes");
	assert_false(host_exists(tree->host, "out"));
	tree_file(tree, "in/x.yaml", "a: *b\n");
	vfctl_on(tree, "import --from nmstate %s/%s", "in/x.yaml", EXIT_USAGE);
	assert_says(said.err, "x.yaml:1:4: aliases are not taken");
	vfctl_on(tree, "import --from nmstate %s/%s", "in/none.yaml", EXIT_UNUSABLE);
	vfctl_on(tree, "import --from ifupdown %s/%s", "in/x.yaml", EXIT_USAGE);
	assert_says(said.err, "--from takes sriov-network-node-policy, sriov-network-node-state, ");
	vfctl_on(tree, "import %s/%s", "in/x.yaml", EXIT_USAGE);
}

static void imports_for_one_node(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "in/x.yaml",
			"kind: SriovNetworkNodePolicy\nspec: {nodeSelector: {role: a}, numVfs: 2, "
			"nicSelector: {pfNames: [p0]}}\n---\n"
			"kind: SriovNetworkNodePolicy\nspec: {nodeSelector: {role: b}, numVfs: 3, "
			"nicSelector: {pfNames: [p0]}}\n");
	vfctl_on(tree, "import --from sriov-network-node-policy %s/%s", "in/x.yaml", EXIT_USAGE);
	assert_says(said.err, "x.yaml:2:22: this is for nodes with role=a, ");
	assert_says(said.err, "--node role=b");
	assert_string_equal(said.out, "");
	vfctl_on(tree, "import --from sriov-network-node-policy --node role=b %s/%s", "in/x.yaml",
			EXIT_GOOD);
	assert_says(said.out, "SR-IOVVirtualFunctions=3\n");
	vfctl_on(tree, "import --from sriov-network-node-policy --node= %s/%s", "in/x.yaml",
			EXIT_USAGE);
	vfctl_on(tree, "import --from systemd-link --node a %s/%s", "in/x.yaml", EXIT_USAGE);
	assert_says(said.err, "whose files are for one host");
}

static void exports_what_is_wanted_or_is(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;

	vfctl(tree, "export eth0 --to systemd-link", EXIT_GOOD);
	assert_says(said.out,
			"[Match]\nPermanentMACAddress=52:54:00:00:00:02\n\n[Link]\n"
			"SR-IOVVirtualFunctions=4\nMTUBytes=1500\n");
	tree_file(tree, "etc/vfctl/a.conf",
			"[Match]\nPath=0000:01:00.0\n[PF]\nSR-IOVVirtualFunctions=7\n[SR-IOV]\n"
			"VirtualFunction=0-1\nVLANId=42\nMaxRate=100\n");
	vfctl(tree, "export eth0 --to systemd-link --json", EXIT_GOOD);
	record = said_record(&said, "vfctl-export/1");
	assert_says(record_str(record_get(record, "export"), "of", ""), "etc/vfctl/a.conf");
	assert_says(record_str(record_get(record, "export"), "text", ""),
			"\n[SR-IOV]\nVirtualFunction=1\nVLANId=42\n");
	assert_says(said.err, "MinRate= and MaxRate=: systemd does not know rates");
	vfctl(tree, "network add red --vlan 42", EXIT_GOOD);
	vfctl(tree, "export eth0 --to libvirt-network --network red --managed no", EXIT_GOOD);
	assert_says(said.out, "<pf dev='eth0'/>");
	assert_says(said.out, "<tag id='42'/>");
	vfctl(tree, "export eth0 --to libvirt-network --network blue", EXIT_USAGE);
	assert_says(said.err, "[network-missing]");
	vfctl(tree, "export eth0 --to nmstate", EXIT_GOOD);
	assert_says(said.out, "        vlan-id: 42\n        min-tx-rate: 0\n");
	vfctl(tree, "export eth0 --to netplan", EXIT_GOOD);
	assert_says(said.out, "      virtual-function-count: 7\n");
	assert_says(said.err, "left out: MinRate=: netplan does not know it\n");
	tree_file(tree, "etc/vfctl/a.conf",
			"[Match]\nPath=0000:01:00.0\n[SR-IOV]\nVirtualFunction=0\nMaxRate=100\n");
	vfctl(tree, "export eth0 --to systemd-link", EXIT_USAGE);
	assert_says(said.err,
			"etc/vfctl/a.conf says nothing about VFs that systemd has a word for");
	assert_string_equal(said.out, "");
	vfctl(tree, "export eth0 --to ifupdown", EXIT_USAGE);
	assert_says(said.err,
			"--to takes vfctl, systemd-link, libvirt-network, nmstate or netplan");
	vfctl(tree, "export eth0 --to systemd-link --managed no", EXIT_USAGE);
	vfctl(tree, "export eth0 --to libvirt-network --managed maybe", EXIT_USAGE);
	vfctl(tree, "export eth9 --to systemd-link", EXIT_UNUSABLE);
}

/* What is there becomes a policy that has nothing to change. */
static void exports_a_card_as_its_own_policy(void **state)
{
	CLEANUP(cleanup_free) char *policy = NULL;
	struct tree *tree = *state;

	tree_driver(tree, "0000:01:10.2", "vfio-pci");
	vfctl(tree, "export eth0 --to vfctl", EXIT_GOOD);
	assert_string_equal(said.out,
			"[Match]\nPermanentMACAddress=52:54:00:00:00:02\n\n[PF]\n"
			"SR-IOVVirtualFunctions=4\nAutoprobe=yes\nMTUBytes=1500\n\n[SR-IOV]\n"
			"VirtualFunction=1\nDriver=vfio-pci\n");
	policy = text_format("%s", said.out);
	tree_file(tree, "etc/vfctl/10-card.conf", policy);
	vfctl(tree, "plan", EXIT_GOOD);
	assert_says(said.out, "nothing to change");
	vfctl(tree, "export eth0 --to vfctl", EXIT_GOOD);
	assert_string_equal(said.out, policy);
}

/* No other tool has words for GUIDs. */
static void exports_no_guids(void **state)
{
	static const struct {
		const char *to, *says;
	} formats[] = {
		{ "systemd-link", "left out: NodeGUID=: systemd does not know GUIDs\n" },
		{ "systemd-link", "left out: PortGUID=: systemd does not know GUIDs\n" },
		{ "netplan", "left out: NodeGUID=: netplan does not know it\n" },
		{ "netplan", "left out: PortGUID=: netplan does not know it\n" },
		{ "libvirt-network", "left out: NodeGUID= and PortGUID= of VFs: libvirt" },
	};
	struct tree *tree = tree_infiniband(2);

	(void)state;
	tree_file(tree, "etc/vfctl/ib.conf",
			"[Match]\nPath=0000:01:00.0\n[PF]\nSR-IOVVirtualFunctions=2\n[SR-IOV]\n"
			"VirtualFunction=0-1\nNodeGUID=02:00:00:00:00:00:00:01\n"
			"PortGUID=02:00:00:00:00:00:00:11\n");
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		CLEANUP(cleanup_free)
		char *line = text_format("export ib0 --to %s", formats[i].to);

		vfctl(tree, line, EXIT_GOOD);
		assert_says(said.err, formats[i].says);
		assert_null(strstr(said.out, "GUID"));
		assert_null(strstr(said.err, "other settings"));
	}
	vfctl(tree, "export ib0 --to nmstate", EXIT_USAGE);
	assert_says(said.err, "ib0 is an InfiniBand interface, and nmstate makes VFs of Ethernet");
	tree_free(tree);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(imports_to_the_terminal_and_to_files),
		WITH_TREE(imports_nothing_of_a_bad_file),
		WITH_TREE(imports_for_one_node),
		WITH_TREE(exports_what_is_wanted_or_is),
		WITH_TREE(exports_a_card_as_its_own_policy),
		cmocka_unit_test(exports_no_guids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

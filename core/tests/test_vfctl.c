/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "command/verb.h"
#include "data/record.h"
#include "tests/assert.h"
#include "tests/program.h"

/* The program, run as its users run it, on a machine of files. */

static struct said said;

static int vfctl(struct tree *tree, const char *line)
{
	program_run(VFCTL, tree, line, &said);
	return said.status;
}

/* Asserts that standard error is one line with the words, and nothing else. */
static void assert_refused(struct tree *tree, const char *line, int status, const char *words)
{
	if (vfctl(tree, line) != status)
		fail_msg("'%s' did not end with %d: %s", line, status, said.err);
	assert_says(said.err, words);
	assert_ptr_equal(strchr(said.err, '\n'), said.err + strlen(said.err) - 1);
	assert_string_equal(said.out, "");
}

static void debug_shows_where_an_error_arose(void **state)
{
	assert_refused(*state, "--debug show eth9", EXIT_UNUSABLE, " (core/sriov/");
	assert_refused(*state, "show --debug eth9", EXIT_UNUSABLE, " (core/sriov/");
	assert_refused(*state, "set eth0 --vfs 9 --debug", EXIT_USAGE, "()");
	assert_int_equal(vfctl(*state, "show eth9"), EXIT_UNUSABLE);
	assert_null(strstr(said.err, " (core/"));
}

static void lists_cards(void **state)
{
	assert_int_equal(vfctl(*state, "list"), EXIT_GOOD);
	assert_says(said.out, "0000:01:00.0  eth0       8086:10c9  igb     4 of 7");
}

static void lists_as_json(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	const struct record *pf;

	assert_int_equal(vfctl(*state, "list --json"), EXIT_GOOD);
	record = said_record(&said, "vfctl-list/1");
	assert_int_equal(record_length(record_get(record, "pfs")), 1);
	pf = record_at(record_get(record, "pfs"), 0);
	assert_string_equal(record_str(pf, "netdev", ""), "eth0");
	assert_int_equal(record_int(pf, "num_vfs", 0), 4);
}

static void shows_a_card_and_its_vfs(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;

	assert_int_equal(vfctl(*state, "show eth0"), EXIT_GOOD);
	assert_says(said.out, "SrcValid+ ReqRedir+ CmpltRedir+ UpstreamFwd+");
	assert_says(said.out, "0000:01:10.6  igbvf");
	assert_int_equal(vfctl(*state, "show 01:00.0 --json"), EXIT_GOOD);
	record = said_record(&said, "vfctl-show/1");
	assert_int_equal(record_length(record_get(record_get(record, "pf"), "vfs")), 4);
}

/* An address of 20 octets, and the settings that such VFs have. */
static void shows_an_infiniband_card(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = tree_infiniband(2);
	const struct record *net;

	(void)state;
	assert_int_equal(vfctl(tree, "show ib0"), EXIT_GOOD);
	assert_says(said.out, "ib0, InfiniBand, " TREE_IB_ADDRESS ", MTU");
	assert_says(said.out, "GROUP  LINK  NODE GUID  PORT GUID  HELD BY\n");
	assert_says(said.out,
			"1   0000:01:00.2  mlx5_core  -          9      -     -          -    "
			"      free\n");
	assert_int_equal(vfctl(tree, "show ib0 --json"), EXIT_GOOD);
	record = said_record(&said, "vfctl-show/1");
	net = record_get(record_get(record, "pf"), "net");
	assert_string_equal(record_str(net, "address", ""), TREE_IB_ADDRESS);
	assert_string_equal(record_str(net, "link_layer", ""), "infiniband");
	assert_int_equal(record_type(record_get(net, "mac")), RECORD_NULL);
	assert_null(strstr(said.out, "00:00:00:00:00:00\""));
	tree_free(tree);
}

static void shows_the_link_layer_of_an_ethernet_card(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	const struct record *net;

	assert_int_equal(vfctl(*state, "show eth0 --json"), EXIT_GOOD);
	record = said_record(&said, "vfctl-show/1");
	net = record_get(record_get(record, "pf"), "net");
	assert_string_equal(record_str(net, "mac", ""), "52:54:00:00:00:02");
	assert_string_equal(record_str(net, "address", ""), "52:54:00:00:00:02");
	assert_string_equal(record_str(net, "link_layer", ""), "ethernet");
	assert_int_equal(vfctl(*state, "show eth0"), EXIT_GOOD);
	assert_null(strstr(said.out, "GUID"));
}

/* By each verb, before anything is changed. */
static void refuses_settings_of_the_other_link_layer(void **state)
{
	static const struct {
		const char *key, *option, *says;
	} foreign[] = {
		{ "MACAddress=02:00:00:00:00:01", "--mac 02:00:00:00:00:01", "MACAddress" },
		{ "VLANId=5\nQualityOfService=1", "--vlan 5 --qos 1", "VLANId" },
		{ "MACSpoofCheck=no", "--spoofchk off", "MACSpoofCheck" },
		{ "Trust=yes", "--trust on", "Trust" },
		{ "MaxRate=100", "--max-rate 100", "MinRate" },
		{ "QueryReceiveSideScaling=yes", "--query-rss on", "QueryReceiveSideScaling" },
	};
	static const char *const verbs[] = { "verify", "plan", "apply" };
	struct tree *tree = tree_infiniband(2);

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		CLEANUP(cleanup_free)
		char *policy = text_format("[Match]\nPath=" TREE_PF "\n[PF]\n"
					   "SR-IOVVirtualFunctions=4\n[SR-IOV]\n"
					   "VirtualFunction=1\nLinkState=yes\n%s\n",
				foreign[i].key);
		CLEANUP(cleanup_free) char *line = text_format("vf ib0 1 %s", foreign[i].option);

		assert_refused(tree, line, EXIT_USAGE, "VF 1: VFs of an InfiniBand card have no ");
		assert_says(said.err, foreign[i].says);
		assert_says(said.err,
				"use NodeGUID, PortGUID and LinkState "
				"[setting-not-for-link-layer]");
		tree_file(tree, "etc/vfctl/10-ib.conf", policy);
		for (size_t k = 0; k < sizeof(verbs) / sizeof(*verbs); k++) {
			assert_refused(tree, verbs[k], EXIT_FAILED, foreign[i].says);
			assert_says(said.err, "[setting-not-for-link-layer]");
		}
		tree_remove(tree, "etc");
	}
	tree_free(tree);
}

static void plans_guids(void **state)
{
	struct tree *tree = tree_infiniband(2);

	tree_file(tree, "etc/vfctl/10-ib.conf",
			"[Match]\nPath=" TREE_PF "\n[SR-IOV]\nVirtualFunction=0-1\n"
			"NodeGUID=0x0200000000000010\nPortGUID=0200:0000:0000:0020\n"
			"LinkState=yes\n");
	assert_int_equal(vfctl(tree, "verify"), EXIT_GOOD);
	assert_int_equal(vfctl(tree, "plan"), EXIT_GOOD);
	assert_says(said.out,
			"VF 1: set link state enable, node GUID 02:00:00:00:00:00:00:11, port GUID "
			"02:00:00:00:00:00:00:21\n");
	assert_refused(*state, "vf eth0 0 --node-guid 02:00:00:00:00:00:00:01", EXIT_USAGE,
			"VF 0: VFs of an Ethernet card have no node GUID (NodeGUID, --node-guid): "
			"use MACAddress [setting-not-for-link-layer]\n");
	assert_refused(tree, "vf ib0 0 --node-guid 02:00", EXIT_USAGE,
			"--node-guid takes the GUID of one node, such as 02:00:00:00:00:00:00:01, "
			"not '02:00'");
	tree_free(tree);
}

static void checks_with_a_status(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;

	assert_int_equal(vfctl(tree, "check"), EXIT_GOOD);
	tree_remove(tree, "sys/kernel/iommu_groups");
	assert_int_equal(vfctl(tree, "check eth0"), EXIT_FAILED);
	assert_says(said.out, "MISSING  host          iommu");
	assert_says(said.out, "What to do:");
	assert_int_equal(vfctl(tree, "check --json"), EXIT_FAILED);
	record = said_record(&said, "vfctl-check/1");
	assert_int_equal(vfctl(tree, "check eth9"), EXIT_UNUSABLE);
	tree_remove(tree, "sys/bus");
	assert_int_equal(vfctl(tree, "check"), EXIT_UNUSABLE);
}

static void shows_one_vf(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;

	assert_int_equal(vfctl(*state, "vf eth0 1"), EXIT_GOOD);
	assert_says(said.out, "VF 1, 0000:01:10.2");
	assert_int_equal(vfctl(*state, "vf eth0 1 --json"), EXIT_GOOD);
	record = said_record(&said, "vfctl-vf/1");
	assert_int_equal(record_int(record_get(record, "vf"), "index", 0), 1);
}

static void refuses_bad_counts_before_it_touches(void **state)
{
	static const char *const bad[] = { "8", "-1", "99999999999", "four", "4.0", "0x", "+1" };
	struct tree *tree = *state;
	char line[64], value[8];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(line, sizeof(line), "set eth0 --vfs %s --autoprobe off", bad[i]);
		assert_refused(tree, line, EXIT_USAGE, "offers 0 to 7 VFs");
		assert_says(said.err, bad[i]);
	}
	assert_int_equal(function_read(tree->host, (struct bdf){ 0, 1, 0, 0 },
					 "sriov_drivers_autoprobe", value, sizeof(value), NULL),
			0);
	assert_string_equal(value, "1");
}

static void refuses_bad_settings(void **state)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{ "set eth0", "nothing to set" },
		{ "set eth0 --autoprobe maybe", "on or off" },
		{ "set eth1 --vfs 1", "virtual function of 0000:01:00.0" },
		{ "set 0000:00:01.0 --vfs 1", "no SR-IOV" },
		{ "vf eth0 4", "has VFs 0 to 3" },
		{ "vf eth0 -- -1", "has VFs 0 to 3" },
		{ "vf eth0 x", "not 'x'" },
		{ "vf eth0 1 --mac 52:54:00", "52:54:00:12:34:56" },
		{ "vf eth0 1 --mac ff:ff:ff:ff:ff:ff", "for a group" },
		{ "vf eth0 1 --vlan 4095", "0 to 4094" },
		{ "vf eth0 1 --vlan 10 --qos 8", "0 to 7" },
		{ "vf eth0 1 --qos 3", "need a VLAN" },
		{ "vf eth0 1 --vlan 0 --proto 802.1ad", "need a VLAN" },
		{ "vf eth0 1 --vlan 5 --proto qinq", "802.1Q or 802.1ad" },
		{ "vf eth0 1 --spoofchk yes", "on or off" },
		{ "vf eth0 1 --trust 1", "on or off" },
		{ "vf eth0 1 --query-rss yes", "--query-rss takes on or off, not 'yes'" },
		{ "vf eth0 1 --min-rate 10 --max-rate 5", "above" },
		{ "vf eth0 1 --max-rate 5000000000", "--max-rate" },
		{ "vf eth0 1 --link up", "auto, enable or disable" },
		{ "vf eth0 1 --colour", "--colour" },
		{ "show", "needs PF" },
		{ "list eth0", "unexpected" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_refused(*state, bad[i].line, EXIT_USAGE, bad[i].says);
}

static void names_the_cards_there_are(void **state)
{
	assert_refused(*state, "set eth9 --vfs 1", EXIT_UNUSABLE, "0000:01:00.0 (eth0)");
	assert_refused(*state, "show 0000:05:00.0", EXIT_UNUSABLE, "0000:01:00.0 (eth0)");
}

static void says_that_a_vf_is_held(void **state)
{
	struct tree *tree = *state;

	tree_attribute(tree, TREE_VF0, "net/eth1/flags", "0x1003\n");
	assert_refused(tree, "set eth0 --vfs 2", EXIT_UNUSABLE, "ip link set eth1 down");
	assert_refused(tree, "vf eth0 0 --vlan 2", EXIT_UNUSABLE, "[vfs-in-use]");
	tree_file(tree, "etc/systemd/network/5.link",
			"[Match]\nDriver=igb\n[Link]\nSR-IOVVirtualFunctions=4\n");
	assert_int_equal(vfctl(tree, "set eth0 --vfs 2 --despite-owner"), EXIT_UNUSABLE);
	assert_says(said.err, "5.link:4: systemd makes 4 VFs of it, and may undo this\n");
	assert_says(said.err, "ip link set eth1 down");
}

/* Bound to UIO: in use by a process, then possibly, then by none. */
static void takes_a_vf_from_a_named_holder_only(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	tree_driver(tree, TREE_VF0, "uio_pci_generic");
	tree_attribute(tree, TREE_VF0, "uio/uio0/dev", "240:0\n");
	tree_file(tree, "proc/812/comm", "dpdk-testpmd\n");
	tree_link(tree, "proc/812/fd/9", "/dev/uio0");
	assert_refused(tree, "set eth0 --vfs 2 --despite-holder uio_pci_generic", EXIT_UNUSABLE,
			"dpdk-testpmd (pid 812) has its device open: end that [vfs-in-use]");
	assert_int_equal(vfctl(tree, "vf eth0 0"), EXIT_GOOD);
	assert_says(said.out, "uio0 is open in ");
	tree_remove(tree, "proc");
	assert_refused(tree, "set eth0 --vfs 2", EXIT_UNUSABLE,
			"give --despite-holder uio_pci_generic [vfs-in-use]");
	assert_refused(tree, "set eth0 --vfs 2 --despite-holder igbvf", EXIT_UNUSABLE,
			"[vfs-in-use]");
	assert_refused(tree, "vf eth0 0 --vlan 2", EXIT_UNUSABLE, "[vfs-in-use]");
	/* The kernel of the tree stores the number and creates no VFs. */
	assert_refused(tree, "set eth0 --vfs 2 --despite-holder uio_pci_generic", EXIT_UNUSABLE,
			"the kernel reports");
}

static void names_another_manager_before_a_change(void **state)
{
	struct tree *tree = *state;
	char value[8];

	tree_file(tree, "etc/udev/rules.d/70-vfs.rules",
			"SUBSYSTEM==\"net\", KERNEL==\"eth0\", ATTR{device/sriov_numvfs}=\"4\"\n");
	assert_refused(tree, "set eth0 --autoprobe off", EXIT_UNUSABLE,
			"70-vfs.rules:1: udev makes VFs of it: remove the card from it, or give "
			"--despite-owner");
	assert_refused(tree, "vf eth0 0 --vlan 2", EXIT_UNUSABLE, "70-vfs.rules:1: udev makes");
	assert_int_equal(function_read(tree->host, (struct bdf){ 0, 1, 0, 0 },
					 "sriov_drivers_autoprobe", value, sizeof(value), NULL),
			0);
	assert_string_equal(value, "1");
	assert_int_equal(vfctl(tree, "set eth0 --autoprobe off --despite-owner"), EXIT_GOOD);
	assert_says(said.err, "70-vfs.rules:1: udev makes VFs of it, and may undo this\n");
}

/* The second card fell off the bus during the read: the first is still listed. */
static void an_unreadable_card_stops_no_other(void **state)
{
	static const char policy[] = "[Match]\nPath=0000:01:00.0\n[PF]\nAutoprobe=no\n";
	struct tree *tree = *state;

	tree_function(tree, "pci0000:00/0000:02:00.0", 0x8086, 0x10c9, 0x020000);
	tree_attribute(tree, "0000:02:00.0", "sriov_totalvfs", "7\n");
	tree_remove(tree, "sys/devices/pci0000:00/0000:02:00.0/vendor");
	tree_file(tree, "etc/vfctl/10-lan.conf", policy);
	assert_int_equal(vfctl(tree, "list"), EXIT_FAILED);
	assert_says(said.out, "0000:01:00.0  eth0");
	assert_says(said.err, "vfctl list: 0000:02:00.0 is left out: cannot read");
	assert_int_equal(vfctl(tree, "check"), EXIT_FAILED);
	assert_says(said.out, "0000:01:00.0");
	assert_says(said.out, "0000:02:00.0 is left out: cannot read");
	assert_int_equal(vfctl(tree, "plan"), EXIT_FAILED);
	assert_says(said.out, "switch autoprobe off");
	assert_says(said.err, "vfctl plan: 0000:02:00.0 is left out");
	assert_int_equal(vfctl(tree, "apply"), EXIT_FAILED);
	assert_says(said.out, "  verified\n");
	assert_int_equal(vfctl(tree, "status"), EXIT_FAILED);
	assert_says(said.out, "all as wanted");
	assert_int_equal(vfctl(tree, "restore --again"), EXIT_FAILED);
	assert_says(said.out, "  verified\n");
	assert_int_equal(vfctl(tree, "restore --again eth0"), EXIT_GOOD);
}

/* A recorded tree is evidence. */
static void changes_no_tree_unless_asked(void **state)
{
	static const char *const lines[] = { "set eth0 --vfs 0", "set eth0 --autoprobe off",
		"vf eth0 0 --vlan 2", "apply", "restore", "network add red --vlan 10",
		"profile add fast", "allow change eth0 --all no" };
	struct tree *tree = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		program_look(VFCTL, tree, lines[i], &said);
		assert_int_equal(said.status, EXIT_USAGE);
		assert_says(said.err, "is a recorded tree, and vfctl ");
		assert_says(said.err, "would change it: give --write-tree if you want that");
	}
	assert_false(host_exists(tree->host, "run"));
	assert_false(host_exists(tree->host, "etc"));
	program_look(VFCTL, tree, "vf eth0 0", &said);
	assert_int_equal(said.status, EXIT_GOOD);
}

static void reports_a_kernel_that_lies(void **state)
{
	assert_refused(*state, "set eth0 --vfs 0", EXIT_UNUSABLE, "VF 0 is still there");
}

static void shows_no_control_characters(void **state)
{
	struct tree *tree = *state;

	tree_driver(tree, TREE_PF, "igb\033[2J");
	assert_int_equal(vfctl(tree, "list"), EXIT_GOOD);
	assert_null(strchr(said.out, '\033'));
	assert_refused(tree, "show \033[2J", EXIT_UNUSABLE, "there is no card ?[2J");
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

static void rules_of_cards_and_dumps(void **state)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	struct tree *tree = *state;

	/* The configuration space of the PF says 7 VFs; 4 exist. */
	if (vfctl(tree, "rules eth0") != EXIT_FAILED)
		fail_msg("%s", said.err);
	assert_says(said.out, "VF 4 does not answer at 0000:01:11.0");
	assert_int_equal(vfctl(tree, "rules --dump " FIXTURES "/dumps/igb-seven-vfs.txt"),
			EXIT_GOOD);
	assert_says(said.out, "0000:01:00.0, with 7 VFs");
	assert_int_equal(vfctl(tree,
					 "rules --json --dump " FIXTURES
					 "/dumps/igb-two-ports.txt --pf 01:00.1"),
			EXIT_FAILED);
	record = said_record(&said, "vfctl-rules/1");
	assert_int_equal(record_length(record_get(record, "cards")), 1);
	assert_refused(tree, "rules eth0 --dump x", EXIT_USAGE, "--pf");
	assert_refused(tree, "rules --pf 01:00.0", EXIT_USAGE, "--dump");
	assert_refused(tree, "rules --pf 09:00.0 --dump " FIXTURES "/dumps/igb.txt", EXIT_USAGE,
			"the dump has no function 09:00.0");
	assert_refused(tree, "rules --dump no-such", EXIT_UNUSABLE, "no-such");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(debug_shows_where_an_error_arose),
		WITH_TREE(lists_cards),
		WITH_TREE(lists_as_json),
		WITH_TREE(shows_a_card_and_its_vfs),
		WITH_TREE(shows_an_infiniband_card),
		WITH_TREE(shows_the_link_layer_of_an_ethernet_card),
		WITH_TREE(refuses_settings_of_the_other_link_layer),
		WITH_TREE(plans_guids),
		WITH_TREE(checks_with_a_status),
		WITH_TREE(shows_one_vf),
		WITH_TREE(refuses_bad_counts_before_it_touches),
		WITH_TREE(refuses_bad_settings),
		WITH_TREE(names_the_cards_there_are),
		WITH_TREE(says_that_a_vf_is_held),
		WITH_TREE(takes_a_vf_from_a_named_holder_only),
		WITH_TREE(changes_no_tree_unless_asked),
		WITH_TREE(an_unreadable_card_stops_no_other),
		WITH_TREE(names_another_manager_before_a_change),
		WITH_TREE(reports_a_kernel_that_lies),
		WITH_TREE(shows_no_control_characters),
		cmocka_unit_test_setup_teardown(
				rules_of_cards_and_dumps, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "managers/other_manager.h"

#include "base/cleanup.h"
#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/tree.h"

/* eth0 at 0000:01:00.0, driver igb, address 52:54:00:00:00:02. Each file is for this card, or
 * for another one, or does not concern VFs. */
static const struct {
	const char *path, *text;
	const char *says; /* NULL: no other manager */
} files[] = {
	{ "etc/systemd/network/10-a.link",
			"[Match]\nPath=pci-0000:01:00.0\n[Link]\nSR-IOVVirtualFunctions=4\n",
			"10-a.link:4: systemd makes 4 VFs" },
	{ "usr/lib/systemd/network/10-a.link",
			"[Match]\nDriver=ixgbe igb\n[SR-IOV]\nVirtualFunction=0\nTrust=yes\n",
			"systemd sets its VFs" },
	{ "etc/systemd/network/10-a.network",
			"[Match]\nName=eth*\n[SR-IOV]\nVirtualFunction=0\nTrust=yes\n",
			"10-a.network:3: systemd sets its VFs" },
	{ "etc/systemd/network/10-a.link",
			"[Match]\nPermanentMACAddress=52:54:00:00:00:02\n[Link]\n"
			"SR-IOVVirtualFunctions=4\n",
			"systemd makes 4 VFs" },
	{ "etc/systemd/network/10-a.link",
			"[Match]\nMACAddress=52:54:00:00:00:09\n[Link]\nSR-IOVVirtualFunctions=4\n",
			NULL },
	{ "etc/systemd/network/10-a.link",
			"[Match]\nOriginalName=!eth0\n[Link]\nSR-IOVVirtualFunctions=4\n", NULL },
	{ "etc/systemd/network/10-a.link", "[Match]\nOriginalName=*\n[Link]\nMTUBytes=9000\n",
			NULL },
	{ "etc/NetworkManager/system-connections/lan.nmconnection",
			"[connection]\nid=lan\ninterface-name=eth0\n[sriov]\ntotal-vfs=4\n"
			"vf.0=mac=52:54:00:aa:00:00\n",
			"lan.nmconnection:4: NetworkManager" },
	{ "etc/NetworkManager/system-connections/lan.nmconnection",
			"[connection]\nid=lan\n[ethernet]\nmac-address=52:54:00:00:00:02\n[sriov]\n"
			"total-vfs=4\n",
			"NetworkManager" },
	{ "etc/NetworkManager/system-connections/lan.nmconnection",
			"[connection]\nid=lan\ninterface-name=eth7\n[sriov]\ntotal-vfs=4\n", NULL },
	{ "etc/NetworkManager/system-connections/lan.nmconnection",
			"[connection]\nid=lan\ninterface-name=eth0\n", NULL },
	{ "etc/netplan/10-a.yaml",
			"network:\n  version: 2\n  ethernets:\n    eth1:\n      dhcp4: true\n"
			"    eth0:\n      virtual-function-count: 6\n",
			"10-a.yaml:7: netplan makes 6 VFs" },
	{ "etc/netplan/10-a.yaml",
			"network:\n  ethernets:\n    lan: # the fast one\n      match:\n"
			"        macaddress: \"52:54:00:00:00:02\"\n"
			"      virtual-function-count: 6\n",
			"netplan makes 6 VFs" },
	{ "etc/netplan/10-a.yaml",
			"network:\n  ethernets:\n    lan:\n      match: \n        name: ens*\n"
			"      virtual-function-count: 6\n    eth0:\n      dhcp4: true\n",
			NULL },
	{ "etc/netplan/10-a.yaml",
			"network:\n  ethernets:\n    eth1:\n      virtual-function-count: 6\n"
			"  bridges:\n    eth0:\n      dhcp4: true\n",
			NULL },
	/* On one line, as lists, by what a file sets besides the count. */
	{ "etc/netplan/10-a.yaml",
			"network: {ethernets: {lan: {match: {name: [ens*, eth0]}, "
			"virtual-function-count: 6}}}\n",
			"10-a.yaml:1: netplan makes 6 VFs" },
	{ "etc/netplan/10-a.yaml",
			"network: {ethernets: {lan: {match: {driver: [ixgbe]}, "
			"virtual-function-count: 6}}}\n",
			NULL },
	{ "etc/netplan/10-a.yaml",
			"network:\n  ethernets:\n    eth0: {dhcp4: true}\n    guest: {link: eth0}\n",
			"10-a.yaml:4: netplan makes a VF of it, guest" },
	{ "etc/netplan/10-a.yaml",
			"network:\n  ethernets:\n    lan:\n      match: {name: ens1}\n"
			"      set-name: eth0\n      virtual-function-count: 6\n",
			"10-a.yaml:6: netplan makes 6 VFs" },
	{ "etc/netplan/10-a.yaml",
			"network:\n  ethernets:\n    eth7: &x\n      virtual-function-count: 6\n",
			"10-a.yaml:3:11: anchors are not taken" },
	{ "etc/netplan/10-a.yaml", "network:\n  ethernets: [\n", NULL },
	{ "etc/NetworkManager/conf.d/vfs.conf",
			"[device-lan]\nmatch-device=driver:e1000e;interface-name:eth*\n"
			"sriov-num-vfs=4\n",
			"vfs.conf:1: NetworkManager makes 4 VFs" },
	{ "etc/NetworkManager/NetworkManager.conf", "[device]\nsriov-num-vfs=4\n",
			"NetworkManager.conf:1: NetworkManager makes 4 VFs" },
	{ "etc/NetworkManager/conf.d/vfs.conf",
			"[device]\nmatch-device=*,except:interface-name:eth0\nsriov-num-vfs=4\n",
			NULL },
	{ "etc/NetworkManager/conf.d/vfs.conf",
			"[device]\nmatch-device=mac:52:54:00:00:00:09\nsriov-num-vfs=4\n", NULL },
};

static void finds_the_files_that_manage_the_card(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = { 0, 1, 0, 0 } };
		CLEANUP(cleanup_diagnostics) struct diagnostics managers = { 0 }, notes = { 0 };
		struct tree *tree = tree_igb(0);

		tree_file(tree, files[i].path, files[i].text);
		assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
		other_managers_find(tree->host, &pf, &managers, &notes);
		tree_free(tree);
		if (managers.count != (files[i].says != NULL))
			fail_msg("%zu managers in file %zu:\n%s", managers.count, i, files[i].text);
		if (managers.count)
			assert_says(managers.lines[0], files[i].says);
	}
}

/* One definition in two files, of which the second affects the first. */
static const struct {
	const char *path[2], *text[2];
	const char *says;
} pairs[] = {
	{ { "usr/lib/systemd/network/10-a.link", "etc/systemd/network/10-a.link.d/vfs.conf" },
			{ "[Match]\nOriginalName=eth0\n[Link]\nMTUBytes=9000\n",
					"[Link]\nSR-IOVVirtualFunctions=4\n" },
			"10-a.link.d/vfs.conf:2: systemd makes 4 VFs" },
	{ { "etc/systemd/network/10-a.network", "run/systemd/network/10-a.network.d/vfs.conf" },
			{ "[Match]\nName=eth7\n",
					"[Match]\nName=eth0\n[SR-IOV]\nVirtualFunction=0\n" },
			"vfs.conf:3: systemd sets its VFs" },
	{ { "etc/systemd/network/10-a.link", "etc/systemd/network/10-a.link.d/not.conf" },
			{ "[Match]\nOriginalName=eth*\n[Link]\nSR-IOVVirtualFunctions=4\n",
					"[Match]\nOriginalName=!eth0\n" },
			NULL },
	{ { "etc/systemd/network/10-a.link", "etc/systemd/network/10-a.link.d/not.conf" },
			{ "[Match]\nOriginalName=eth7\n[Link]\nSR-IOVVirtualFunctions=4\n",
					"[Match]\nOriginalName=\nDriver=igb\n" },
			"10-a.link:4: systemd makes 4 VFs" },
	{ { "etc/systemd/network/10-a.link", "etc/systemd/network/20-b.link.d/vfs.conf" },
			{ "[Match]\nOriginalName=eth0\n", "[Link]\nSR-IOVVirtualFunctions=4\n" },
			NULL },
	{ { "etc/netplan/10-a.yaml", "run/netplan/20-b.yaml" },
			{ "network: {ethernets: {lan: {match: {name: eth0}}}}\n",
					"network: {ethernets: {lan: {virtual-function-count: 3}}}\n" },
			"20-b.yaml:1: netplan makes 3 VFs" },
	{ { "sys/class/net/eth0/name_assign_type", "etc/systemd/network/10-a.link" },
			{ "4\n", "[Match]\nOriginalName=ens3\n[Link]\nSR-IOVVirtualFunctions=4\n" },
			"10-a.link:4: systemd makes 4 VFs" },
};

static void finds_what_is_spread_over_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = { 0, 1, 0, 0 } };
		CLEANUP(cleanup_diagnostics) struct diagnostics managers = { 0 }, notes = { 0 };
		struct tree *tree = tree_igb(0);

		for (int k = 0; k < 2; k++)
			tree_file(tree, pairs[i].path[k], pairs[i].text[k]);
		assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
		other_managers_find(tree->host, &pf, &managers, &notes);
		tree_free(tree);
		if (managers.count != (pairs[i].says != NULL))
			fail_msg("%zu managers in pair %zu", managers.count, i);
		if (managers.count)
			assert_says(managers.lines[0], pairs[i].says);
	}
}

static void a_masked_file_owns_nothing(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = { 0, 1, 0, 0 } };
	CLEANUP(cleanup_diagnostics) struct diagnostics managers = { 0 }, notes = { 0 };
	struct tree *tree = *state;

	tree_file(tree, "usr/lib/systemd/network/10-a.link", files[0].text);
	tree_link(tree, "etc/systemd/network/10-a.link", "/dev/null");
	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	other_managers_find(tree->host, &pf, &managers, &notes);
	assert_int_equal(managers.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_files_that_manage_the_card),
		cmocka_unit_test(finds_what_is_spread_over_files),
		cmocka_unit_test_setup_teardown(
				a_masked_file_owns_nothing, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/owner.h"

#include "base/cleanup.h"
#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/tree.h"

/* eth0 at 0000:01:00.0, driver igb, address 52:54:00:00:00:02. Each file is for it, or for another
 * card, or has nothing to do with VFs. */
static const struct {
	const char *path, *text;
	const char *says; /* NULL: no owner */
} files[] = {
	{ "etc/systemd/network/10-a.link",
			"[Match]\nPath=pci-0000:01:00.0\n[Link]\nSR-IOVVirtualFunctions=4\n",
			"10-a.link:3: systemd makes 4 VFs" },
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
};

static void finds_the_files_that_manage_the_card(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = { 0, 1, 0, 0 } };
		CLEANUP(cleanup_faults) struct faults owners = { 0 };
		struct tree *tree = tree_igb(0);

		tree_file(tree, files[i].path, files[i].text);
		assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
		owner_find(tree->host, &pf, &owners);
		tree_free(tree);
		if (owners.count != (files[i].says != NULL))
			fail_msg("%zu owners of file %zu:\n%s", owners.count, i, files[i].text);
		if (owners.count)
			assert_says(owners.lines[0], files[i].says);
	}
}

static void a_masked_file_owns_nothing(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = { 0, 1, 0, 0 } };
	CLEANUP(cleanup_faults) struct faults owners = { 0 };
	struct tree *tree = *state;

	tree_file(tree, "usr/lib/systemd/network/10-a.link", files[0].text);
	tree_link(tree, "etc/systemd/network/10-a.link", "/dev/null");
	assert_int_equal(pf_fill_state(tree->host, &pf, NULL), 0);
	owner_find(tree->host, &pf, &owners);
	assert_int_equal(owners.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_files_that_manage_the_card),
		cmocka_unit_test_setup_teardown(
				a_masked_file_owns_nothing, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

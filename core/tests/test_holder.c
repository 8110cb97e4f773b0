/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/holder.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/tree.h"

static const struct bdf vf0 = { 0, 1, 16, 0 };

static struct holder find(struct tree *tree)
{
	struct function function = { 0 };
	struct vfio_users users;
	struct holder holder;

	vfio_users_read(tree->host, &users);
	assert_int_equal(function_fill(tree->host, vf0, &function, NULL), 0);
	holder_find(tree->host, &users, &function, &holder);
	vfio_users_free(&users);
	return holder;
}

static void finds_a_free_one_free(void **state)
{
	assert_int_equal(find(*state).kind, HOLDER_NONE);
}

static void finds_an_interface_that_is_up(void **state)
{
	struct tree *tree = *state;

	tree_attribute(tree, TREE_VF0, "net/eth1/flags", "0x1003\n");
	assert_int_equal(find(tree).kind, HOLDER_UP);
	assert_string_equal(find(tree).what, "eth1");
}

static void finds_what_stands_on_it(void **state)
{
	struct tree *tree = *state;

	tree_attribute(tree, TREE_VF0, "net/eth1/flags", "0x1003\n");
	tree_attribute(tree, TREE_VF0, "net/eth1/upper_br0", "");
	assert_int_equal(find(tree).kind, HOLDER_STACKED);
	assert_string_equal(find(tree).what, "br0");
}

static void tells_what_kind_stands_on_it(void **state)
{
	static const struct {
		const char *upper, *file, *content;
		enum holder_kind kind;
	} kinds[] = {
		{ "lan5", "uevent", "DEVTYPE=vlan\nINTERFACE=lan5\nIFINDEX=9\n", HOLDER_VLAN },
		{ "tap0", "macvtap/tap9/dev", "241:1\n", HOLDER_MACVTAP },
		{ "br0", "uevent", "DEVTYPE=bridge\nINTERFACE=br0\n", HOLDER_BRIDGE },
		{ "bond0", "uevent", "DEVTYPE=bond\nINTERFACE=bond0\n", HOLDER_BOND },
		{ "team0", "uevent", "INTERFACE=team0\n", HOLDER_STACKED },
		{ "ovs-system", "uevent", "INTERFACE=ovs-system\n", HOLDER_OVS },
		{ "odd0", "uevent", "INTERFACE=odd0\n", HOLDER_STACKED },
	};
	char path[80];

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct tree *tree = tree_igb(1);
		struct holder holder;

		snprintf(path, sizeof(path), "net/eth1/upper_%s", kinds[i].upper);
		tree_attribute(tree, TREE_VF0, path, "");
		snprintf(path, sizeof(path), "sys/class/net/%s/%s", kinds[i].upper, kinds[i].file);
		tree_file(tree, path, kinds[i].content);
		/* As the kernel has it: what is beside the file is there, too. */
		snprintf(path, sizeof(path), "sys/class/net/%s/uevent", kinds[i].upper);
		if (!host_exists(tree->host, path))
			tree_file(tree, path, "INTERFACE=x\n");
		holder = find(tree);
		tree_free(tree);
		assert_int_equal(holder.kind, kinds[i].kind);
		assert_string_equal(holder.what, kinds[i].upper);
	}
}

static void knows_a_virtual_machine_by_its_name(void **state)
{
	static const char words[] = "qemu-system-x86_64\0-name\0guest=mail,debug-threads=on\0-S";
	struct tree *tree = *state;
	CLEANUP(cleanup_free) char *path = file_path("%s/proc/812/cmdline", tree->root);
	CLEANUP(cleanup_file) FILE *file = NULL;

	tree_file(tree, "dev/vfio/8", "");
	tree_file(tree, "proc/812/comm", "qemu-system-x86\n");
	tree_link(tree, "proc/812/fd/7", "/dev/vfio/8");
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(words, 1, sizeof(words), file), sizeof(words));
	fflush(file);
	assert_int_equal(find(tree).kind, HOLDER_VM);
	assert_string_equal(find(tree).what, "mail (qemu-system-x86, pid 812)");
}

static void takes_a_missing_interface_for_one_elsewhere(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	assert_int_equal(find(tree).kind, HOLDER_NAMESPACE);
	tree_driver(tree, TREE_VF0, "vfio-pci");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/driver");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
}

static void holds_what_a_driver_hands_to_a_process_unseen(void **state)
{
	static const char *const drivers[] = { "uio_pci_generic", "igb_uio" };
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	for (size_t i = 0; i < 2; i++) {
		struct holder holder;

		tree_driver(tree, TREE_VF0, drivers[i]);
		holder = find(tree);
		assert_int_equal(holder.kind, HOLDER_DRIVER);
		assert_string_equal(holder.what, drivers[i]);
	}
}

static void finds_the_process_with_the_group(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	tree_file(tree, "dev/vfio/8", "");
	tree_file(tree, "proc/812/comm", "qemu-system-x86\n");
	tree_link(tree, "proc/812/fd/5", "/dev/vfio/vfio");
	tree_link(tree, "proc/812/fd/6", "/dev/vfio/9");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	tree_link(tree, "proc/812/fd/7", "/dev/vfio/8");
	assert_int_equal(find(tree).kind, HOLDER_VFIO);
	assert_string_equal(find(tree).what, "qemu-system-x86 (pid 812)");
	assert_int_equal(holder_check_vfio(tree->host, vf0, &err), -EBUSY);
	assert_says(err.msg, "pid 812");
}

static void finds_the_process_with_the_device(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "dev/vfio/devices/vfio3", "");
	tree_attribute(tree, TREE_VF0, "vfio-dev/vfio3/dev", "510:3\n");
	tree_file(tree, "proc/9/comm", "cloud-hyperviso\n");
	tree_link(tree, "proc/9/fd/7", "/newroot/dev/vfio/devices/vfio3");
	assert_int_equal(find(tree).kind, HOLDER_VFIO);
}

static void says_how_to_let_go(void **state)
{
	char text[240];

	(void)state;
	for (int kind = HOLDER_NAMESPACE; kind <= HOLDER_VM; kind++) {
		struct holder holder = { (enum holder_kind)kind, "eth1" };

		assert_says(holder_text(&holder, text, sizeof(text)), ": ");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_a_free_one_free, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_an_interface_that_is_up, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(finds_what_stands_on_it, tree_setup, tree_teardown),
		cmocka_unit_test(tells_what_kind_stands_on_it),
		cmocka_unit_test_setup_teardown(
				knows_a_virtual_machine_by_its_name, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(takes_a_missing_interface_for_one_elsewhere,
				tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(holds_what_a_driver_hands_to_a_process_unseen,
				tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_the_process_with_the_group, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_the_process_with_the_device, tree_setup, tree_teardown),
		cmocka_unit_test(says_how_to_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

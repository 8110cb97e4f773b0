/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/holder.h"

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
	for (int kind = HOLDER_NAMESPACE; kind <= HOLDER_VFIO; kind++) {
		struct holder holder = { (enum holder_kind)kind, "eth1" };

		assert_says(holder_text(&holder, text, sizeof(text)), ":");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_a_free_one_free, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_an_interface_that_is_up, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(finds_what_stands_on_it, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(takes_a_missing_interface_for_one_elsewhere,
				tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_the_process_with_the_group, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_the_process_with_the_device, tree_setup, tree_teardown),
		cmocka_unit_test(says_how_to_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

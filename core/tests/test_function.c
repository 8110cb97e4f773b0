/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host.h"

#include "tests/assert.h"
#include "tests/tree.h"

static const struct bdf pf = { 0, 1, 0, 0 };

static void reads_numbers(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };
	long number;

	assert_int_equal(function_number(tree->host, pf, "vendor", &number, NULL), 0);
	assert_int_equal(number, 0x8086);
	assert_int_equal(function_number(tree->host, pf, "numa_node", &number, NULL), 0);
	assert_int_equal(number, -1);
	tree_attribute(tree, TREE_PF, "odd", "12 apples\n");
	assert_int_equal(function_number(tree->host, pf, "odd", &number, &err), -EPROTO);
	assert_says(err.msg, "12 apples");
	assert_says(err.msg, TREE_PF);
}

static void finds_the_interface(void **state)
{
	struct tree *tree = *state;
	char name[16];

	assert_int_equal(function_netdev(tree->host, pf, name, sizeof(name)), 0);
	assert_string_equal(name, "eth0");
	assert_int_equal(
			function_netdev(tree->host, (struct bdf){ 0, 0, 1, 0 }, name, sizeof(name)),
			-ENOENT);
	assert_string_equal(name, "");
}

static void takes_the_lowest_port_and_no_representor(void **state)
{
	struct tree *tree = *state;
	char name[16];

	tree_netdev(tree, TREE_PF, "aport1", 50, 0);
	tree_attribute(tree, TREE_PF, "net/aport1/dev_port", "1\n");
	tree_netdev(tree, TREE_PF, "arep", 51, 0);
	tree_attribute(tree, TREE_PF, "net/arep/phys_port_name", "pf0vf3\n");
	assert_int_equal(function_netdev(tree->host, pf, name, sizeof(name)), 0);
	assert_string_equal(name, "eth0");
}

static void finds_the_interface_of_virtio(void **state)
{
	struct tree *tree = *state;
	char name[16];

	tree_function(tree, "pci0000:00/0000:00:05.0", 0x1af4, 0x1041, 0x020000);
	tree_driver(tree, "0000:00:05.0", "virtio-pci");
	tree_attribute(tree, "0000:00:05.0", "virtio2/net/eth9/dev_port", "0\n");
	assert_int_equal(
			function_netdev(tree->host, (struct bdf){ 0, 0, 5, 0 }, name, sizeof(name)),
			0);
	assert_string_equal(name, "eth9");
}

static void walks_up_to_the_root(void **state)
{
	struct bdf above[4], deep = { 0, 3, 0, 0 };
	struct tree *tree = *state;
	struct err err = { 0 };
	size_t count;

	tree_function(tree, "pci0000:00/0000:00:02.0/0000:02:00.0/0000:03:00.0", 1, 2, 0);
	assert_int_equal(function_path(tree->host, deep, above, 4, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_true(bdf_equal(above[0], (struct bdf){ 0, 2, 0, 0 }));
	assert_true(bdf_equal(above[1], (struct bdf){ 0, 0, 2, 0 }));
	assert_int_equal(function_path(tree->host, deep, above, 1, &count, &err), -E2BIG);
	assert_int_equal(function_path(tree->host, (struct bdf){ 0, 9, 0, 0 }, above, 4, &count,
					 NULL),
			-ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_numbers, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(finds_the_interface, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(takes_the_lowest_port_and_no_representor,
				tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_the_interface_of_virtio, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(walks_up_to_the_root, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

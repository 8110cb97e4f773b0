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
		cmocka_unit_test_setup_teardown(walks_up_to_the_root, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"
#include "host/host.h"

#include "base/cleanup.h"
#include "tests/assert.h"
#include "tests/tree.h"

static void reads_values_without_their_newline(void **state)
{
	struct tree *tree = *state;
	char value[16];

	tree_file(tree, "sys/one", "value\n");
	tree_file(tree, "sys/two", "a\nb\n\n");
	assert_int_equal(host_read(tree->host, "sys/one", value, sizeof(value), NULL), 0);
	assert_string_equal(value, "value");
	assert_int_equal(host_read(tree->host, "sys/two", value, sizeof(value), NULL), 0);
	assert_string_equal(value, "a\nb\n");
	assert_int_equal(host_read(tree->host, "sys/one", value, 4, NULL), -EFBIG);
}

static void names_the_file_in_errors(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };
	char value[16];

	assert_int_equal(host_read(tree->host, "sys/none", value, sizeof(value), &err), -ENOENT);
	assert_says(err.msg, tree->root);
	assert_says(err.msg, "/sys/none");
}

static void writes_and_counts_the_time(void **state)
{
	struct tree *tree = *state;
	int64_t before = host_kernel_us(tree->host);
	char value[16];

	tree_file(tree, "sys/count", "10\n");
	for (int i = 0; i < 100; i++)
		assert_int_equal(host_write(tree->host, "sys/count", "3", NULL), 0);
	assert_int_equal(host_read(tree->host, "sys/count", value, sizeof(value), NULL), 0);
	assert_string_equal(value, "3");
	assert_true(host_kernel_us(tree->host) > before);
	assert_int_equal(host_write(tree->host, "sys/none", "3", NULL), -ENOENT);
}

static void follows_no_link_out_of_the_root(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_free)
	char *up = text_format("../../../../../../../..%s/outside", tree->root);
	char value[16];

	tree_link(tree, "sys/absolute", "/etc/hostname");
	tree_link(tree, "sys/relative", "../../../../../../etc/hostname");
	tree_link(tree, "sys/inside", "/sys/real");
	tree_file(tree, "sys/real", "here\n");
	assert_int_equal(
			host_read(tree->host, "sys/absolute", value, sizeof(value), NULL), -ENOENT);
	assert_int_equal(
			host_read(tree->host, "sys/relative", value, sizeof(value), NULL), -ENOENT);
	assert_int_equal(host_write(tree->host, up, "x", NULL), -ENOENT);
	assert_int_equal(host_read(tree->host, "sys/inside", value, sizeof(value), NULL), 0);
	assert_string_equal(value, "here");
	assert_false(host_exists(tree->host, "../../etc/hostname"));
}

static void tells_where_links_point(void **state)
{
	struct tree *tree = *state;
	char name[16];

	tree_link(tree, "sys/driver", "../../bus/pci/drivers/igb");
	assert_int_equal(host_link_name(tree->host, "sys/driver", name, sizeof(name)), 0);
	assert_string_equal(name, "igb");
	assert_int_equal(host_link_name(tree->host, "sys/driver", name, 3), -ENAMETOOLONG);
	assert_int_equal(host_link_name(tree->host, "sys/none", name, sizeof(name)), -ENOENT);
	tree_file(tree, "sys/file", "x");
	assert_int_equal(host_link_name(tree->host, "sys/file", name, sizeof(name)), -EINVAL);
}

static void lists_names_in_order(void **state)
{
	struct tree *tree = *state;
	char **names;
	size_t count;

	tree_file(tree, "sys/list/b", "");
	tree_file(tree, "sys/list/a", "");
	tree_file(tree, "sys/list/c", "");
	assert_int_equal(host_names(tree->host, "sys/list", &names, &count, NULL), 0);
	assert_int_equal(count, 3);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[2], "c");
	host_names_free(names, count);
	assert_int_equal(host_names(tree->host, "sys/none", &names, &count, NULL), -ENOENT);
}

static void says_that_a_root_is_not_there(void **state)
{
	struct host *host = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(host_open("/no/such/root", &host, &err), -ENOENT);
	assert_null(host);
	assert_says(err.msg, "/no/such/root");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				reads_values_without_their_newline, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				names_the_file_in_errors, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				writes_and_counts_the_time, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				follows_no_link_out_of_the_root, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(tells_where_links_point, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(lists_names_in_order, tree_setup, tree_teardown),
		cmocka_unit_test(says_that_a_root_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

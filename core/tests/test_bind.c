/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/vfs.h"

#include "tests/assert.h"
#include "tests/tree.h"

static const struct bdf vf0 = { 0, 1, 16, 0 };

static void leaves_what_is_bound_alone(void **state)
{
	struct tree *tree = *state;
	int64_t before = host_kernel_us(tree->host);

	assert_int_equal(function_bind(tree->host, vf0, "igbvf", NULL), 0);
	assert_int_equal(function_bind(tree->host, vf0, NULL, NULL), 0);
	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/driver");
	assert_int_equal(function_unbind(tree->host, vf0, NULL), 0);
	assert_int_equal(host_kernel_us(tree->host), before);
}

static void says_that_a_driver_is_not_loaded(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	assert_int_equal(function_bind(tree->host, vf0, "vfio-pci", &err), -ENOENT);
	assert_string_equal(err.msg, "the driver vfio-pci is not loaded: modprobe vfio-pci");
	assert_int_equal(function_bind(tree->host, vf0, "../x", NULL), -EINVAL);
}

static void does_not_take_a_function_out_of_a_guest(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	tree_driver(tree, TREE_VF0, "vfio-pci");
	tree_file(tree, "proc/7/comm", "guest\n");
	tree_link(tree, "proc/7/fd/3", "/dev/vfio/8");
	assert_int_equal(function_unbind(tree->host, vf0, &err), -EBUSY);
	assert_says(err.msg, "guest (pid 7)");
}

static void asks_for_a_driver_where_autoprobe_is_off(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/driver");
	tree_attribute(tree, TREE_PF, "sriov_drivers_autoprobe", "0\n");
	assert_int_equal(function_bind(tree->host, vf0, NULL, &err), -EINVAL);
	assert_says(err.msg, "autoprobe is off");
}

static void waits_for_an_interface_no_longer_than_told(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };
	char name[16];

	assert_int_equal(function_wait_netdev(tree->host, vf0, 0, name, sizeof(name), NULL), 0);
	assert_string_equal(name, "eth1");
	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	assert_int_equal(function_wait_netdev(tree->host, vf0, 5, name, sizeof(name), &err),
			-ETIMEDOUT);
	assert_says(err.msg, TREE_VF0);
}

static void takes_a_name_once_udev_has_filed_it(void **state)
{
	struct tree *tree = *state;
	char name[16];

	tree_file(tree, "run/udev/control", "");
	tree_file(tree, "run/udev/data/n3", "");
	assert_int_equal(function_wait_netdev(tree->host, vf0, 100, name, sizeof(name), NULL), 0);
	tree_remove(tree, "run/udev/data/n3");
	assert_int_equal(function_wait_netdev(tree->host, vf0, 5, name, sizeof(name), NULL), 0);
	assert_string_equal(name, "eth1");
}

static void resets_where_the_kernel_can(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };
	char value[8];

	assert_int_equal(function_reset(tree->host, vf0, NULL), 0);
	assert_int_equal(function_read(tree->host, vf0, "reset", value, sizeof(value), NULL), 0);
	assert_string_equal(value, "1");
	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/reset");
	assert_int_equal(function_reset(tree->host, vf0, &err), -EOPNOTSUPP);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(leaves_what_is_bound_alone),
		WITH_TREE(says_that_a_driver_is_not_loaded),
		WITH_TREE(does_not_take_a_function_out_of_a_guest),
		WITH_TREE(asks_for_a_driver_where_autoprobe_is_off),
		WITH_TREE(waits_for_an_interface_no_longer_than_told),
		WITH_TREE(takes_a_name_once_udev_has_filed_it),
		WITH_TREE(resets_where_the_kernel_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

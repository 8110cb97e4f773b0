/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/count.h"

#include "sriov/vfs.h"
#include "tests/assert.h"
#include "tests/tree.h"

/* The kernel of the tree accepts every number and creates no VFs, as faulty drivers do. */

static const struct bdf pf = { 0, 1, 0, 0 };

static int setup_without_vfs(void **state)
{
	*state = tree_igb(0);
	return 0;
}

static void assert_count(struct tree *tree, long want)
{
	long found;

	assert_int_equal(function_number(tree->host, pf, "sriov_numvfs", &found, NULL), 0);
	assert_int_equal(found, want);
}

static void does_not_believe_a_number_without_vfs(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	assert_int_equal(vfs_set_count(tree->host, pf, 4, &err), -EREMOTEIO);
	assert_says(err.msg, "reports 4 VFs and VF 0 is not there");
}

static void does_not_believe_vfs_that_stay(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	assert_int_equal(vfs_set_count(tree->host, pf, 0, &err), -EREMOTEIO);
	assert_says(err.msg, "VF 0 is still there");
}

static void refuses_more_than_the_card_offers(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	assert_int_equal(vfs_set_count(tree->host, pf, 8, &err), -ERANGE);
	assert_string_equal(err.msg, "0000:01:00.0 (eth0) offers 0 to 7 VFs, not 8");
	assert_count(tree, 4);
}

static void leaves_the_same_number_alone(void **state)
{
	struct tree *tree = *state;
	int64_t before = host_kernel_us(tree->host);

	assert_int_equal(vfs_set_count(tree->host, pf, 4, NULL), 0);
	assert_int_equal(host_kernel_us(tree->host), before);
	tree_remove(tree, "sys/bus/pci/devices/" TREE_PF "/virtfn3");
	assert_int_equal(vfs_set_count(tree->host, pf, 4, NULL), -EREMOTEIO);
}

static void touches_nothing_that_is_held(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	tree_attribute(tree, "0000:01:10.4", "net/eth3/flags", "0x1003\n");
	assert_int_equal(vfs_set_count(tree->host, pf, 2, &err), -EBUSY);
	assert_says(err.msg, "VF 2 (0000:01:10.4) is held");
	assert_says(err.msg, "ip link set eth3 down");
	assert_count(tree, 4);
}

static void lets_the_owner_take_its_own_but_not_vfio_s(void **state)
{
	struct tree *tree = *state;

	tree_attribute(tree, "0000:01:10.4", "net/eth3/flags", "0x1003\n");
	assert_int_equal(count_set_owned(tree->host, pf, 0, NULL), -EREMOTEIO);
	assert_count(tree, 0);
	tree_attribute(tree, TREE_PF, "sriov_numvfs", "4\n");
	tree_file(tree, "dev/vfio/10", "");
	tree_file(tree, "proc/7/comm", "guest\n");
	tree_link(tree, "proc/7/fd/3", "/dev/vfio/10");
	assert_int_equal(count_set_owned(tree->host, pf, 0, NULL), -EBUSY);
	assert_count(tree, 4);
}

static void says_that_there_is_no_sriov(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	assert_int_equal(vfs_set_count(tree->host, (struct bdf){ 0, 0, 1, 0 }, 1, &err), -EINVAL);
	assert_says(err.msg, "no SR-IOV");
}

static void says_that_there_is_no_driver(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	tree_remove(tree, "sys/bus/pci/devices/" TREE_PF "/sriov_numvfs");
	assert_int_equal(vfs_set_count(tree->host, pf, 1, &err), -ENOENT);
	assert_says(err.msg, "bind the card's own driver");
}

#define WITH_VFS(test)    cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)
#define WITHOUT_VFS(test) cmocka_unit_test_setup_teardown(test, setup_without_vfs, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITHOUT_VFS(does_not_believe_a_number_without_vfs),
		WITH_VFS(does_not_believe_vfs_that_stay),
		WITH_VFS(refuses_more_than_the_card_offers),
		WITH_VFS(leaves_the_same_number_alone),
		WITH_VFS(touches_nothing_that_is_held),
		WITH_VFS(lets_the_owner_take_its_own_but_not_vfio_s),
		WITH_VFS(says_that_there_is_no_sriov),
		WITHOUT_VFS(says_that_there_is_no_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

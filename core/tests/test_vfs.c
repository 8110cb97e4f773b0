/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/vfs.h"

#include "tests/assert.h"
#include "tests/tree.h"

static const struct bdf pf = { 0, 1, 0, 0 };

static void finds_vfs_by_index(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };
	struct bdf vf;

	assert_int_equal(vf_find(tree->host, pf, 2, &vf, NULL), 0);
	assert_true(bdf_equal(vf, (struct bdf){ 0, 1, 16, 4 }));
	assert_int_equal(vf_find(tree->host, pf, 4, &vf, &err), -ENODEV);
	assert_string_equal(err.msg, "0000:01:00.0 has no VF 4");
}

static void sets_autoprobe(void **state)
{
	struct tree *tree = *state;
	long found;

	assert_int_equal(vfs_set_autoprobe(tree->host, pf, false, NULL), 0);
	assert_int_equal(function_number(tree->host, pf, "sriov_drivers_autoprobe", &found, NULL),
			0);
	assert_int_equal(found, 0);
}

static void sets_no_policy_without_the_pf_s_interface(void **state)
{
	struct vf_settings change = { .given = VF_TRUST };
	struct tree *tree = *state;
	struct err err = { 0 };

	assert_int_equal(vf_change_settings(tree->host, pf, 9, &change, NULL), -ENODEV);
	assert_int_equal(vf_change_settings(tree->host, pf, 0, &change, NULL), -EOPNOTSUPP);
	tree_remove(tree, "sys/bus/pci/devices/" TREE_PF "/net");
	assert_int_equal(vf_change_settings(tree->host, pf, 0, &change, &err), -ENODEV);
	assert_says(err.msg, "network driver");
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(finds_vfs_by_index),
		WITH_TREE(sets_autoprobe),
		WITH_TREE(sets_no_policy_without_the_pf_s_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

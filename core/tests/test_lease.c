/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/lease.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "sriov/vfs.h"
#include "tests/assert.h"
#include "tests/tree.h"

static const struct bdf pf = { 0, 1, 0, 0 };

/* A tree and a lease on its card. */
struct lent {
	struct tree *tree;
	struct lease *lease;
	char *text;
};

static int setup(void **state)
{
	struct lent *lent = calloc(1, sizeof(*lent));

	if (!lent)
		return -1;
	*state = lent;
	lent->tree = tree_igb(4);
	return lease_begin(lent->tree->host, pf, &lent->lease, NULL);
}

static int teardown(void **state)
{
	struct lent *lent = *state;

	lease_end(lent->lease, NULL);
	free(lent->text);
	tree_free(lent->tree);
	free(lent);
	return 0;
}

static const char *differences(struct lent *lent)
{
	free(lent->text);
	lent->text = NULL;
	assert_int_equal(lease_differences(lent->lease, &lent->text, NULL), 0);
	return lent->text;
}

static void sees_no_difference_at_first(void **state)
{
	struct lent *lent = *state;

	assert_string_equal(differences(lent), "");
}

static void tells_each_difference(void **state)
{
	struct lent *lent = *state;

	tree_attribute(lent->tree, TREE_PF, "sriov_drivers_autoprobe", "0\n");
	assert_string_equal(differences(lent), "autoprobe off, was on");
	tree_driver(lent->tree, "0000:01:10.2", "vfio-pci");
	tree_attribute(lent->tree, TREE_PF, "net/eth0/mtu", "9000\n");
	assert_says(differences(lent), "eth0: MTU 9000, was 1500\n");
	assert_says(differences(lent), "VF 1: driver vfio-pci, was igbvf");
	tree_attribute(lent->tree, TREE_PF, "net/eth0/flags", "0x1002\n");
	assert_says(differences(lent), "eth0: down, was up");
	tree_attribute(lent->tree, TREE_PF, "sriov_numvfs", "2\n");
	assert_says(differences(lent), "2 VFs, were 4");
}

static void sees_a_vf_that_is_gone(void **state)
{
	struct lent *lent = *state;

	tree_remove(lent->tree, "sys/bus/pci/devices/" TREE_PF "/virtfn3");
	assert_string_equal(differences(lent), "VF 3: gone");
}

static void puts_back_what_it_can(void **state)
{
	struct lent *lent = *state;
	struct err err = { 0 };
	long autoprobe;

	assert_int_equal(vfs_set_autoprobe(lent->tree->host, pf, false, NULL), 0);
	if (lease_end(lent->lease, &err) < 0)
		fail_msg("%s", err.msg);
	lent->lease = NULL;
	assert_int_equal(function_number(lent->tree->host, pf, "sriov_drivers_autoprobe",
					 &autoprobe, NULL),
			0);
	assert_int_equal(autoprobe, 1);
}

static void says_what_it_could_not_put_back(void **state)
{
	struct lent *lent = *state;
	struct err err = { 0 };

	tree_attribute(lent->tree, TREE_PF, "net/eth0/mtu", "9000\n");
	assert_int_equal(lease_end(lent->lease, &err), -EOPNOTSUPP);
	lent->lease = NULL;
	assert_says(err.msg, "recorded");
}

static void works_from_its_record(void **state)
{
	struct lent *lent = *state;
	CLEANUP(cleanup_record) struct record *record = lease_to_record(lent->lease);
	struct err err = { 0 };

	assert_int_equal(vfs_set_autoprobe(lent->tree->host, pf, false, NULL), 0);
	if (lease_restore(lent->tree->host, record, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(differences(lent), "");
}

/* The card has been moved to another slot since. */
static void is_taken_over_at_another_address(void **state)
{
	CLEANUP(cleanup_record)
	struct record *record = lease_to_record(((struct lent *)*state)->lease);
	struct tree *two = tree_large(2, 4);
	struct lease *lease = NULL;
	struct err err = { 0 };

	if (lease_adopt(two->host, record, (struct bdf){ 0, 2, 0, 0 }, &lease, &err) < 0)
		fail_msg("%s", err.msg);
	record_free(TAKE(record));
	record = lease_to_record(lease);
	assert_string_equal(record_str(record, "pf", ""), "0000:02:00.0");
	lease_drop(lease);
	assert_int_equal(lease_adopt(two->host, NULL, pf, &lease, &err), -EINVAL);
	tree_free(two);
}

static void refuses_another_record(void **state)
{
	CLEANUP(cleanup_record) struct record *record = record_object();
	struct lent *lent = *state;

	assert_int_equal(lease_restore(lent->tree->host, record, NULL), -EINVAL);
	record_put_str(record, "schema", "vfcert-lease/1");
	assert_int_equal(lease_restore(lent->tree->host, record, NULL), -EINVAL);
}

#define WITH_LEASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LEASE(sees_no_difference_at_first),
		WITH_LEASE(tells_each_difference),
		WITH_LEASE(sees_a_vf_that_is_gone),
		WITH_LEASE(puts_back_what_it_can),
		WITH_LEASE(says_what_it_could_not_put_back),
		WITH_LEASE(works_from_its_record),
		WITH_LEASE(is_taken_over_at_another_address),
		WITH_LEASE(refuses_another_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

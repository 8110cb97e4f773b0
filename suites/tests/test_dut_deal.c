/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/dut.h"

#include "tests/assert.h"

/* Which VFs the checks get: dealt by the seed, and those that fail last. */

enum { VFS = 7 };

static void make(struct dut *dut, uint64_t seed)
{
	*dut = (struct dut){ .seed = seed, .total_vfs = VFS, .made = VFS, .listed = VFS };
	for (unsigned i = 0; i < VFS; i++)
		dut->vfs[i] = (struct dut_vf){ .number = i, .set_up = true };
}

static bool is_dealt(const struct dut *dut)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < VFS; i++)
		seen |= 1u << dut->vfs[i].number;
	return seen == (1u << VFS) - 1;
}

static bool same_order(const struct dut *a, const struct dut *b)
{
	for (unsigned i = 0; i < VFS; i++) {
		if (a->vfs[i].number != b->vfs[i].number)
			return false;
	}
	return true;
}

static void gives_each_vf_each_role(void **state)
{
	unsigned roles[VFS] = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct dut dut;

		make(&dut, 0);
		dut_deal(&dut, true, seed);
		assert_true(is_dealt(&dut));
		assert_int_equal(dut.vf_count, VFS);
		for (unsigned i = 0; i < VFS; i++)
			roles[i] |= 1u << dut.vfs[i].number;
	}
	for (unsigned i = 0; i < VFS; i++)
		assert_int_equal(roles[i], (1u << VFS) - 1);
}

static void deals_the_same_for_the_same_seed(void **state)
{
	struct dut a, b;

	(void)state;
	make(&a, 0);
	make(&b, 0);
	dut_deal(&a, true, 42);
	dut_deal(&b, true, 42);
	assert_true(same_order(&a, &b));
	dut_deal(&b, true, 42);
	assert_true(same_order(&a, &b));
	dut_deal(&b, true, 43);
	assert_false(same_order(&a, &b));
}

static void keeps_the_order_where_nothing_is_dealt(void **state)
{
	struct dut dut;

	(void)state;
	make(&dut, 0);
	dut_deal(&dut, false, 42);
	for (unsigned i = 0; i < VFS; i++)
		assert_int_equal(dut.vfs[i].number, i);
}

static void puts_a_failing_vf_last(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct dut dut;

		make(&dut, 0);
		dut.vfs[0].fails = dut.vfs[5].fails = "every-vf.sends";
		dut_deal(&dut, true, seed);
		assert_true(is_dealt(&dut));
		assert_int_equal(dut.vf_count, VFS - 2);
		for (unsigned i = 0; i < VFS; i++)
			assert_int_equal(dut.vfs[i].fails != NULL, i >= VFS - 2);
		assert_ptr_equal(dut_failing_vf(&dut), &dut.vfs[VFS - 2]);
	}
}

/* Where VFs are not dealt, a check's VF 2 is VF 2, and no other stands in for it. */
static void does_not_replace_a_failing_vf(void **state)
{
	struct dut dut;

	(void)state;
	make(&dut, 0);
	dut.vfs[2].fails = "every-vf.sends";
	dut_deal(&dut, false, 42);
	assert_int_equal(dut.vf_count, 2);
	assert_int_equal(dut.vfs[2].number, 2);
}

static void lists_no_more_than_it_may(void **state)
{
	struct dut dut = { .total_vfs = 1000 };

	(void)state;
	assert_int_equal(dut_vfs_to_list(&dut), DUT_VFS);
	dut.vfs_limit = 16;
	assert_int_equal(dut_vfs_to_list(&dut), 16);
	dut.total_vfs = 7;
	assert_int_equal(dut_vfs_to_list(&dut), 7);
	dut.vfs_limit = DUT_VFS + 1;
	dut.total_vfs = DUT_VFS + 2;
	assert_int_equal(dut_vfs_to_list(&dut), DUT_VFS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_each_vf_each_role),
		cmocka_unit_test(deals_the_same_for_the_same_seed),
		cmocka_unit_test(keeps_the_order_where_nothing_is_dealt),
		cmocka_unit_test(puts_a_failing_vf_last),
		cmocka_unit_test(does_not_replace_a_failing_vf),
		cmocka_unit_test(lists_no_more_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/parallel.h"

#include "base/cleanup.h"
#include "run/batches.h"
#include "tests/assert.h"

/* How a run is divided, and how many rigs it can use. */

static struct record *declared;

static void declare(const char *suite, const char *id, int vfs, bool clears)
{
	struct record *check = record_object();

	record_put_str(check, "id", id);
	record_put_str(check, "suite", suite);
	record_put_int(check, "vfs", vfs);
	if (clears)
		record_put_bool(check, "clears", true);
	record_add(declared, check);
}

static void declare_apart(const char *id, const char *step)
{
	struct record *check = record_object();

	record_put_str(check, "id", id);
	record_put_str(check, "suite", "c");
	record_put_bool(check, "apart", true);
	if (step)
		record_put_str(check, "step", step);
	record_add(declared, check);
}

static int setup(void **state)
{
	(void)state;
	declared = record_array();
	declare("a", "a.1", 0, false);
	declare("a", "a.2", 0, false);
	declare("a", "a.3", 2, false);
	declare("a", "a.4", 4, true);
	declare("b", "b.1", 4, false);
	declare("b", "b.2", 4, true);
	declare_apart("c.1", NULL);
	declare_apart("c.2", NULL);
	declare_apart("c.3", "boot");
	declare_apart("c.4", "boot");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	record_free(declared);
	return 0;
}

static unsigned rigs_of(unsigned rigs, struct repeat repeat, const char *check)
{
	const char *checks[] = { check };

	return parallel_rigs(&(struct parallel){ .rigs = rigs, .repeat = &repeat },
			&(struct run){ .selection = { .checks = checks,
						       .check_count = check != NULL } },
			declared);
}

static void one_round_is_cut_by_suites_and_vfs(void **state)
{
	(void)state;
	/* a without VFs, a with VFs, b with VFs, checks that remove the VFs */
	assert_int_equal(rigs_of(6, (struct repeat){ .count = 1 }, NULL), 4);
	assert_int_equal(rigs_of(2, (struct repeat){ .count = 1 }, NULL), 2);
	assert_int_equal(rigs_of(6, (struct repeat){ .count = 1 }, "a.*"), 3);
	assert_int_equal(rigs_of(6, (struct repeat){ .count = 1 }, "a.[12]"), 1);
	assert_int_equal(rigs_of(6, (struct repeat){ .count = 1 }, "[ab].[24]"), 2);
	/* A slow check is its own batch, or shares one with the checks of the same step. */
	assert_int_equal(rigs_of(6, (struct repeat){ .count = 1 }, "c.*"), 3);
	assert_int_equal(rigs_of(6, (struct repeat){ .count = 1 }, "c.[34]"), 1);
}

/* Only the last batch may run checks that destroy the rig. */
static void removing_vfs_comes_last(void **state)
{
	CLEANUP(batches_free) struct batches batches;
	struct repeat repeat = { .count = 1 };

	(void)state;
	batches_cut(&batches, &repeat, &(struct selection){ 0 }, declared);
	assert_int_equal(batches.count, 4);
	for (size_t i = 0; i < batches.count; i++)
		assert_int_equal(batches.list[i].queue == QUEUE_LAST, i == 3);
	assert_int_equal(record_length(batches.list[3].ids), 2);
}

static void an_order_stays_on_one_rig(void **state)
{
	(void)state;
	assert_int_equal(rigs_of(6, (struct repeat){ .count = 1, .shuffle = true }, NULL), 1);
}

static void rounds_are_divided_whole(void **state)
{
	(void)state;
	assert_int_equal(rigs_of(6, (struct repeat){ .count = 3 }, NULL), 3);
	assert_int_equal(rigs_of(2, (struct repeat){ .count = 20, .shuffle = true }, "a.1"), 2);
}

static void without_a_list_there_is_one_rig(void **state)
{
	struct repeat repeat = { .count = 5 };

	(void)state;
	assert_int_equal(parallel_rigs(&(struct parallel){ .rigs = 4, .repeat = &repeat },
					 &(struct run){ 0 }, NULL),
			1);
	assert_int_equal(rigs_of(4, repeat, "no.such"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				one_round_is_cut_by_suites_and_vfs, setup, teardown),
		cmocka_unit_test_setup_teardown(removing_vfs_comes_last, setup, teardown),
		cmocka_unit_test_setup_teardown(an_order_stays_on_one_rig, setup, teardown),
		cmocka_unit_test_setup_teardown(rounds_are_divided_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_list_there_is_one_rig, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

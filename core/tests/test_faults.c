/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/faults.h"

#include "tests/assert.h"

static void keeps_all_in_their_order(void **state)
{
	struct faults faults = { 0 };

	(void)state;
	fault_add(&faults, "%s:%d: no", "x.conf", 4);
	fault_add(&faults, "%s", "more");
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.lines[0], "x.conf:4: no");
	assert_string_equal(faults.lines[1], "more");
	faults_free(&faults);
	assert_int_equal(faults.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_all_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/diagnostics.h"

#include "tests/assert.h"

static void keeps_all_in_their_order(void **state)
{
	struct diagnostics diagnostics = { 0 };

	(void)state;
	diagnostic_add(&diagnostics, "%s:%d: no", "x.conf", 4);
	diagnostic_add(&diagnostics, "%s", "more");
	assert_int_equal(diagnostics.count, 2);
	assert_string_equal(diagnostics.lines[0], "x.conf:4: no");
	assert_string_equal(diagnostics.lines[1], "more");
	diagnostics_free(&diagnostics);
	assert_int_equal(diagnostics.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_all_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/version.h"

#include "tests/assert.h"

static void compares_number_by_number(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
	} cases[] = {
		{ "6.9", "6.12", -1 },
		{ "10.0.2 (Debian 1:10.0.2+ds-2)", "10.0", 1 },
		{ "11.0", "11", 0 },
		{ "10.1", "10.0.9", 1 },
		{ "6.12.117+deb13-amd64", "6.12.117", 0 },
		{ "10.1-rc1", "10.1", 0 },
		{ "", "0", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int order = version_compare(cases[i].a, cases[i].b);

		assert_int_equal((order > 0) - (order < 0), cases[i].order);
	}
}

static void a_number_begins_whole(void **state)
{
	(void)state;
	assert_true(version_begins("6.12.117+deb13-amd64", "6.12"));
	assert_true(version_begins("6.12", "6.12"));
	assert_true(version_begins("10.0.2 (Debian)", "10"));
	assert_true(version_begins("6.1.0-50-amd64", "6.1"));
	assert_false(version_begins("6.12.1", "6.1"));
	assert_false(version_begins("6.1", "6.12"));
	assert_false(version_begins("", "6"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_number_by_number),
		cmocka_unit_test(a_number_begins_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/number.h"

#include <errno.h>

#include "tests/assert.h"

static void takes_decimal_and_hexadecimal(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(number_parse("0", 0, 7, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(number_parse("0x1F", 0, 31, &value), 0);
	assert_int_equal(value, 31);
	assert_int_equal(number_parse("010", 0, 10, &value), 0);
	assert_int_equal(value, 10);
	assert_int_equal(number_parse("18446744073709551615", 0, UINT64_MAX, &value), 0);
	assert_true(value == UINT64_MAX);
}

static void keeps_to_the_range(void **state)
{
	uint64_t value = 42;

	(void)state;
	assert_int_equal(number_parse("8", 0, 7, &value), -ERANGE);
	assert_int_equal(number_parse("1", 2, 7, &value), -ERANGE);
	assert_int_equal(number_parse("18446744073709551616", 0, UINT64_MAX, &value), -ERANGE);
	assert_int_equal(number_parse("99999999999999999999999", 0, UINT64_MAX, &value), -ERANGE);
	assert_int_equal(value, 42);
}

static void refuses_what_is_no_number(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "1k", "0x", "0x0x1", "0xg",
		"one", "1.5", "1e3", "\t1", "0x-1" };
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (number_parse(bad[i], 0, UINT64_MAX, &value) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_decimal_and_hexadecimal),
		cmocka_unit_test(keeps_to_the_range),
		cmocka_unit_test(refuses_what_is_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

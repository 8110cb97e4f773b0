/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bool.h"

#include <errno.h>

#include "tests/assert.h"

static void knows_the_words(void **state)
{
	bool value = false;

	(void)state;
	assert_int_equal(bool_parse("Yes", &value), 0);
	assert_true(value);
	assert_int_equal(bool_parse("f", &value), 0);
	assert_false(value);
	assert_int_equal(bool_parse("1", &value), 0);
	assert_true(value);
}

static void leaves_what_it_does_not_know(void **state)
{
	static const char *const bad[] = { "", "maybe", "yes ", "10" };
	bool value = true;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(bool_parse(bad[i], &value), -EINVAL);
	assert_true(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_words),
		cmocka_unit_test(leaves_what_it_does_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/name.h"

#include "tests/assert.h"

static void knows_good_names(void **state)
{
	char longest[NAME_MOST + 2];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[NAME_MOST + 1] = '\0';
	assert_false(name_is_valid(longest));
	longest[NAME_MOST] = '\0';
	assert_true(name_is_valid(longest));
	assert_true(name_is_valid("red-1.b_C"));
	assert_false(name_is_valid(""));
	assert_false(name_is_valid(".."));
	assert_false(name_is_valid("-x"));
	assert_false(name_is_valid("a/b"));
	assert_false(name_is_valid("a b"));
	assert_false(name_is_valid("r\xc3\xb6t"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_good_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

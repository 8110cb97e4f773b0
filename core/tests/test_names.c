/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/names.h"

#include <stdlib.h>

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

static void adds_copies_and_removes(void **state)
{
	struct names names = { 0 }, copy;
	char *text;

	(void)state;
	assert_true(names_add(&names, "b") && names_add(&names, "a") && names_add(&names, "c"));
	assert_false(names_add(&names, "a"));
	copy = names_copy(&names);
	assert_true(names_remove(&names, "a"));
	assert_false(names_remove(&names, "a"));
	assert_true(!names_have(&names, "a") && names_have(&copy, "a"));
	text = names_text(&copy, ", ");
	assert_string_equal(text, "b, a, c");
	free(text);
	names_free(&copy);
	names_free(&names);
	text = names_text(&names, ", ");
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_good_names),
		cmocka_unit_test(adds_copies_and_removes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

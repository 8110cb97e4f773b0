/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/string_set.h"

#include <stdlib.h>

#include "tests/assert.h"

static void adds_copies_and_removes(void **state)
{
	struct string_set set = { 0 }, copy;
	char *text;

	(void)state;
	assert_true(string_set_add(&set, "b") && string_set_add(&set, "a") &&
			string_set_add(&set, "c"));
	assert_false(string_set_add(&set, "a"));
	copy = string_set_copy(&set);
	assert_true(string_set_remove(&set, "a"));
	assert_false(string_set_remove(&set, "a"));
	assert_true(!string_set_has(&set, "a") && string_set_has(&copy, "a"));
	text = string_set_join(&copy, ", ");
	assert_string_equal(text, "b, a, c");
	free(text);
	string_set_free(&copy);
	string_set_free(&set);
	text = string_set_join(&set, ", ");
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_copies_and_removes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

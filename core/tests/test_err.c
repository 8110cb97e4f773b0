/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <stdio.h>

#include "tests/assert.h"

static void keeps_the_first_cause(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, ENOENT, "no %s", "card"), -ENOENT);
	assert_int_equal(err_set(&err, EIO, "later"), -EIO);
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.msg, "no card");
}

static void knows_where_it_was_set(void **state)
{
	struct err err = { 0 }, outer = { 0 };
	char text[ERR_ORIGIN_TEXT], place[ERR_ORIGIN_TEXT];
	int line = __LINE__ + 3;

	(void)state;
	err_set(&err, EIO, "first");
	err_set(&err, EIO, "later");
	snprintf(place, sizeof(place), "core/tests/test_err.c:%d in knows_where_it_was_set()",
			line);
	assert_string_equal(err_origin_print(&err, text), place);
	err_pass(&outer, &err, "eth0: %s", err.msg);
	assert_string_equal(outer.msg, "eth0: first");
	assert_int_equal(outer.code, EIO);
	assert_string_equal(err_origin_print(&outer, text), place);
}

static void tells_the_system_s_reason(void **state)
{
	struct err err = { 0 };

	(void)state;
	errno = EACCES;
	assert_int_equal(err_sys(&err, "cannot open x"), -EACCES);
	assert_string_equal(err.msg, "cannot open x: Permission denied");
}

static void puts_words_in_front(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_prefix(&err, "eth0: ");
	assert_string_equal(err.msg, "");
	err_set(&err, EIO, "broken");
	err_prefix(&err, "%s: ", "eth0");
	assert_string_equal(err.msg, "eth0: broken");
}

static void cuts_long_messages(void **state)
{
	char text[2000];
	struct err err = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, EIO, "%s", text);
	err_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void does_without_a_place_to_tell(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, EIO, "unheard"), -EIO);
	err_prefix(NULL, "unheard");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_first_cause),
		cmocka_unit_test(knows_where_it_was_set),
		cmocka_unit_test(tells_the_system_s_reason),
		cmocka_unit_test(puts_words_in_front),
		cmocka_unit_test(cuts_long_messages),
		cmocka_unit_test(does_without_a_place_to_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

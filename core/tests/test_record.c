/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/record.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "tests/assert.h"
#include "tests/folder.h"

struct held {
	struct record *record;
	char *text;
	struct err err;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct held));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct held *held = *state;

	record_free(held->record);
	free(held->text);
	free(held);
	return 0;
}

static void prints_what_was_put(void **state)
{
	struct held *held = *state;
	struct record *list = record_array();

	held->record = record_object();
	record_add_str(list, "a\"b");
	record_add_int(list, -1);
	record_put_int(held->record, "n", INT64_MAX);
	record_put_bool(held->record, "b", true);
	record_put_null(held->record, "z");
	record_put(held->record, "l", list);
	record_put_strf(held->record, "s", "%02x", 10);
	record_put_int(held->record, "n", 2);
	held->text = record_print(held->record);
	assert_string_equal(held->text,
			"{\"n\":2,\"b\":true,\"z\":null,\"l\":[\"a\\\"b\",-1],\"s\":\"0a\"}");
}

static void mends_bad_utf8(void **state)
{
	struct held *held = *state;

	held->record = record_object();
	record_put_str(held->record, "s", "a\xff\xc3z");
	assert_string_equal(record_str(held->record, "s", ""), "a??z");
}

static void reads_with_fallbacks(void **state)
{
	static const char text[] = "{\"s\":\"x\",\"n\":7,\"r\":1.5,\"b\":true,\"a\":[1]}";
	struct held *held = *state;

	assert_int_equal(record_parse("t", text, strlen(text), &held->record, &held->err), 0);
	assert_string_equal(record_str(held->record, "s", "f"), "x");
	assert_string_equal(record_str(held->record, "n", "f"), "f");
	assert_int_equal(record_int(held->record, "n", 0), 7);
	assert_int_equal(record_int(held->record, "s", 9), 9);
	assert_true(record_real(held->record, "r", 0) > 1.4);
	assert_true(record_bool(held->record, "b", false));
	assert_true(record_bool(held->record, "s", true));
	assert_int_equal(record_length(record_get(held->record, "a")), 1);
	assert_int_equal(record_length(record_get(held->record, "s")), 0);
	assert_null(record_at(record_get(held->record, "a"), 1));
	assert_null(record_get(NULL, "a"));
}

static void walks_members_in_order(void **state)
{
	static const char text[] = "{\"z\":1,\"a\":2}";
	const struct record *value;
	struct held *held = *state;
	const char *key;

	assert_int_equal(record_parse("t", text, strlen(text), &held->record, &held->err), 0);
	assert_true(record_member(held->record, 0, &key, &value));
	assert_string_equal(key, "z");
	assert_true(record_member(held->record, 1, &key, &value));
	assert_true(record_number(value) == 2);
	assert_false(record_member(held->record, 2, &key, &value));
}

static void refuses_bad_text(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "t:1:" },
		{ "{\"a\":1,\"a\":2}", "duplicate" },
		{ "{\"a\":1} x", "t:1:" },
		{ "{\n\"a\":\n}", "t:3:" },
		{ "[\"\xff\"]", "t:1:" },
	};
	struct held *held = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		held->err = (struct err){ 0 };
		assert_int_equal(record_parse("t", bad[i].text, strlen(bad[i].text), &held->record,
						 &held->err),
				-EINVAL);
		assert_says(held->err.msg, bad[i].says);
	}
}

static void bounds_the_depth(void **state)
{
	struct held *held = *state;
	char text[67];

	memset(text, '[', 33);
	memset(text + 33, ']', 33);
	assert_int_equal(record_parse("t", text, 66, &held->record, &held->err), -EINVAL);
	assert_says(held->err.msg, "deeper");
	assert_int_equal(record_parse("t", text + 1, 64, &held->record, NULL), 0);
}

static void counts_no_brackets_in_strings(void **state)
{
	char text[80] = "[\"\\\"";
	struct held *held = *state;

	memset(text + 4, '[', 60);
	strcpy(text + 64, "\"]");
	assert_int_equal(record_parse("t", text, strlen(text), &held->record, &held->err), 0);
}

static void copies_deeply(void **state)
{
	struct held *held = *state;
	struct record *copy, *inner = record_object();

	held->record = record_object();
	record_put(held->record, "i", inner);
	copy = record_copy(held->record);
	record_put_int(inner, "n", 1);
	assert_null(record_get(record_get(copy, "i"), "n"));
	record_free(copy);
}

static void saves_and_loads(void **state)
{
	struct folder *folder = *state;
	struct record *record = record_object(), *again = NULL;

	record_put_int(record, "n", 1);
	assert_int_equal(record_save(folder->fd, "r.json", record, &folder->err), 0);
	assert_int_equal(record_load(folder->fd, "r.json", &again, &folder->err), 0);
	assert_int_equal(record_int(again, "n", 0), 1);
	record_free(record);
	record_free(again);
}

static void canonical_text_is_the_same_for_the_same(void **state)
{
	static const char text[] = "{\"b\":[1,{\"d\":0.25,\"c\":null}],\"a\":\"x\"}";
	struct held *held = *state;
	char *line;

	assert_int_equal(record_parse("t", text, strlen(text), &held->record, NULL), 0);
	line = record_print_canonical(held->record);
	assert_string_equal(line, "{\"a\":\"x\",\"b\":[1,{\"c\":null,\"d\":0.25}]}\n");
	free(line);
}

static void finds_a_text_in_an_array(void **state)
{
	CLEANUP(cleanup_record) struct record *array = record_array();

	(void)state;
	record_add_int(array, 1);
	record_add_str(array, "one");
	assert_true(record_has_text(array, "one"));
	assert_false(record_has_text(array, "on"));
	assert_false(record_has_text(array, NULL));
	assert_false(record_has_text(NULL, "one"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prints_what_was_put, setup, teardown),
		cmocka_unit_test_setup_teardown(mends_bad_utf8, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_with_fallbacks, setup, teardown),
		cmocka_unit_test_setup_teardown(walks_members_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_bad_text, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds_the_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_no_brackets_in_strings, setup, teardown),
		cmocka_unit_test_setup_teardown(
				canonical_text_is_the_same_for_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(copies_deeply, setup, teardown),
		cmocka_unit_test_setup_teardown(saves_and_loads, folder_setup, folder_teardown),
		cmocka_unit_test(finds_a_text_in_an_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/record_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/folder.h"

static int sum(void *argument, size_t index, const struct record *item, struct err *err)
{
	(void)index;
	if (record_bool(item, "stop", false))
		return err_set(err, ECANCELED, "stopped");
	*(int64_t *)argument += record_int(item, "n", 0);
	return 0;
}

static int open_text(
		struct folder *folder, const char *text, int64_t *total, struct record_file **file)
{
	assert_int_equal(file_write_atomic(folder->fd, "f", text, strlen(text), NULL), 0);
	folder->err = (struct err){ 0 };
	return record_file_open(folder->fd, "f", "list", sum, total, file, &folder->err);
}

static void gives_head_and_items(void **state)
{
	struct folder *folder = *state;
	struct record_file *file = NULL;
	struct record *item = NULL;
	int64_t total = 0;

	assert_int_equal(open_text(folder,
					 " { \"a\" : {\"list\":[7]}, \"list\" : [ {\"n\":1} ,"
					 "{\"n\":20,\"t\":\"]}\\\"\"} ] , \"b\":-1.5e3 }\n",
					 &total, &file),
			0);
	assert_int_equal(total, 21);
	assert_int_equal(record_file_length(file), 2);
	assert_int_equal(record_length(record_get(record_file_head(file), "list")), 0);
	assert_int_equal(record_real(record_file_head(file), "b", 0), -1500);
	assert_int_equal(record_file_item(file, 1, &item, &folder->err), 0);
	assert_string_equal(record_str(item, "t", ""), "]}\"");
	record_free(item);
	record_file_close(file);
}

/* Items of all sizes, some larger than the window, read in another order. */
static void finds_items_anywhere(void **state)
{
	struct folder *folder = *state;
	struct record_file *file = NULL;
	char *text = NULL;
	size_t length, count = 400;
	int64_t total = 0;
	FILE *out = open_memstream(&text, &length);

	fputs("{\"list\":[", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s{\"n\":%zu,\"pad\":\"%*s\"}", i ? "," : "", i,
				i % 100 == 99 ? 600000 : (int)i * 9, "");
	fputs("]}", out);
	fclose(out);
	assert_int_equal(open_text(folder, text, &total, &file), 0);
	free(text);
	assert_int_equal(total, count * (count - 1) / 2);
	for (size_t i = 0; i < count; i++) {
		struct record *item = NULL;
		size_t index = i * 149 % count;

		assert_int_equal(record_file_item(file, index, &item, &folder->err), 0);
		assert_int_equal(record_int(item, "n", -1), index);
		record_free(item);
	}
	record_file_close(file);
}

static void says_what_is_wrong_and_where(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "ends in the middle" },
		{ "[]", "no JSON object" },
		{ "{}", "no list 'list'" },
		{ "{\"list\":{}}", "no list 'list'" },
		{ "{\"list\":[{},]}", "a value is missing" },
		{ "{\"list\":[1]}", "item 0" },
		{ "{\"list\":[[]]}", "no object" },
		{ "{\"list\":[{}{}]}", "expected" },
		{ "{\"list\":[{\"n\":1,\"n\":2}]}", "duplicate" },
		{ "{\"list\":[],\"list\":[]}", "duplicate" },
		{ "{\"list\":[],\"l\\u0069st\":[]}", "duplicate" },
		{ "{\"list\":[]", "ends in the middle" },
		{ "{\"list\":[{\"n\":\"", "ends in the middle" },
		{ "{\"list\":[]} x", "f:1" },
		{ "{\"list\":[{\"stop\":true}]}", "stopped" },
	};
	struct folder *folder = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct record_file *file = NULL;
		int64_t total = 0;

		assert_true(open_text(folder, cases[i].text, &total, &file) < 0);
		assert_null(file);
		assert_says(folder->err.msg, cases[i].says);
	}
}

static void notices_a_file_that_shrinks(void **state)
{
	struct folder *folder = *state;
	CLEANUP(cleanup_free) char *path = text_format("%s/f", folder->path);
	struct record_file *file = NULL;
	struct record *item = NULL;
	char text[400000];
	int64_t total = 0;

	snprintf(text, sizeof(text), "{\"list\":[{\"n\":5},{\"pad\":\"%*s\"}]}", 300000, "");
	assert_int_equal(open_text(folder, text, &total, &file), 0);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(record_file_item(file, 1, &item, &folder->err), -EINVAL);
	assert_says(folder->err.msg, "shorter");
	record_file_close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				gives_head_and_items, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(
				finds_items_anywhere, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(
				says_what_is_wrong_and_where, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(
				notices_a_file_that_shrinks, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

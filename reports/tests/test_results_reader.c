/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/results/results_reader.h"

/* A reader of a file reports the same as one of the results in memory. */

static struct record *golden;

static int load(void **state)
{
	(void)state;
	return record_load(AT_FDCWD, GOLDEN_DIR "/results.json", &golden, NULL);
}

static int drop(void **state)
{
	(void)state;
	record_free(golden);
	return 0;
}

static int open_record(
		const struct record *results, struct results_reader **reader, struct err *err)
{
	char path[] = "/tmp/vfcert-reader-XXXXXX";
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(record_save(AT_FDCWD, path, results, NULL), 0);
	rc = reader_open(path, reader, err);
	unlink(path);
	return rc;
}

static char *print_check(const struct check_result *check)
{
	struct record *record = check_result_to_record(CHECK_RESULT_STORED, check);
	char *text = record_print(record);

	record_free(record);
	return text;
}

static void file_and_memory_agree(void **state)
{
	struct results_reader *memory = reader_from_record(golden), *file = NULL;
	size_t suites, others;
	const struct suite_totals *a = reader_totals(memory, &suites), *b;

	(void)state;
	assert_int_equal(open_record(golden, &file, NULL), 0);
	b = reader_totals(file, &others);
	assert_int_equal(reader_length(memory), record_length(record_get(golden, "checks")));
	assert_int_equal(reader_length(file), reader_length(memory));
	assert_int_equal(suites, others);
	for (size_t i = 0; i < suites; i++) {
		assert_string_equal(a[i].suite, b[i].suite);
		assert_memory_equal(a[i].counts, b[i].counts, sizeof(a[i].counts));
		assert_true(a[i].seconds == b[i].seconds);
	}
	for (size_t i = reader_length(file); i--;) {
		char *one = print_check(reader_check(memory, i));
		char *other = print_check(reader_check(file, i));

		assert_string_equal(one, other);
		assert_int_equal(reader_verdict(memory, i), reader_verdict(file, i));
		assert_string_equal(a[reader_suite(memory, i)].suite, reader_check(file, i)->suite);
		free(one);
		free(other);
	}
	assert_int_equal(reader_error(file, NULL), 0);
	assert_false(reader_good(file));
	reader_free(memory);
	reader_free(file);
}

static void rejects_what_results_validate_rejects(void **state)
{
	struct record *results = record_copy(golden), *checks, *summary;
	struct results_reader *reader = NULL;
	struct err err = { 0 };

	(void)state;
	checks = record_edit(results, "checks");
	summary = record_edit(results, "summary");
	record_add(checks, record_copy(record_at(checks, 0)));
	assert_int_equal(open_record(results, &reader, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "pass must be"));
	record_put_int(summary, "pass", record_int(summary, "pass", 0) + 1);
	err = (struct err){ 0 };
	assert_int_equal(open_record(results, &reader, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "is in them twice"));
	record_put_str(record_edit_at(checks, 0), "verdict", "splendid");
	err = (struct err){ 0 };
	assert_int_equal(open_record(results, &reader, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "splendid"));
	assert_null(reader);
	record_free(results);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_and_memory_agree),
		cmocka_unit_test(rejects_what_results_validate_rejects),
	};

	return cmocka_run_group_tests(tests, load, drop);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "reports/results/capability.h"
#include "reports/results/collection.h"

/* A folder of runs made from the golden results, each with its own kernel and start. */

struct held {
	char path[64], *index;
	struct certification_profile *profile;
	struct record *golden;
	struct collection collection;
};

static int setup(void **state)
{
	struct held *held = calloc(1, sizeof(*held));

	*state = held;
	strcpy(held->path, "/tmp/vfcert-collection-XXXXXX");
	if (!mkdtemp(held->path))
		return -1;
	held->index = text_format("%s/.vfcert-index.json", held->path);
	return record_load(AT_FDCWD, GOLDEN_DIR "/results.json", &held->golden, NULL) ||
			cert_profile_load(PROFILES_DIR, NULL, &held->profile, NULL);
}

static int teardown(void **state)
{
	struct held *held = *state;

	collection_free(&held->collection);
	record_free(held->golden);
	cert_profile_free(held->profile);
	file_remove_tree(held->path, NULL);
	free(held->index);
	free(held);
	return 0;
}

static void make_run(struct held *held, const char *name, const char *kernel, const char *started)
{
	char *folder = text_format("%s/%s", held->path, name);
	char *path = text_format("%s/results.json", folder);
	struct record *identity = record_edit(held->golden, "identity");

	record_put_str(record_edit(identity, "software"), "kernel", kernel);
	record_put_str(record_edit(held->golden, "run"), "started", started);
	assert_int_equal(file_make_dirs(folder, 0755, NULL), 0);
	assert_int_equal(record_save(AT_FDCWD, path, held->golden, NULL), 0);
	free(path);
	free(folder);
}

static void load(struct held *held)
{
	const char *folders[] = { held->path };
	struct err err = { 0 };

	collection_free(&held->collection);
	if (collection_load(folders, 1, held->profile, &held->collection, &err) < 0)
		fail_msg("%s", err.msg);
}

static const char *kernel_of(const struct held *held, size_t run)
{
	return record_str(record_get(held->collection.runs[run].row, "software"), "kernel", "");
}

static void make_three(struct held *held)
{
	make_run(held, "a", "6.12.1", "2026-03-01T00:00:00Z");
	make_run(held, "deep/er/b", "6.9.1", "2026-03-02T00:00:00Z");
	make_run(held, "c", "6.12.1", "2026-03-03T00:00:00Z");
}

static void orders_runs_and_their_history(void **state)
{
	struct held *held = *state;

	make_three(held);
	load(held);
	assert_int_equal(held->collection.count, 3);
	assert_string_equal(kernel_of(held, 0), "6.9.1");
	assert_string_equal(kernel_of(held, 1), "6.12.1");
	assert_non_null(strstr(held->collection.runs[1].folder, "/c"));
	assert_false(held->collection.runs[1].superseded);
	assert_true(held->collection.runs[2].superseded);
}

/* Leaves the first check, which passes, in the run that make_run() writes next. */
static void keep_one_check(struct held *held)
{
	struct record *checks = record_array(), *summary = record_edit(held->golden, "summary");
	const char *verdict;
	const struct record *count;

	record_add(checks, record_copy(record_at(record_get(held->golden, "checks"), 0)));
	record_put(held->golden, "checks", checks);
	for (void *at = record_first(summary); record_next(summary, &at, &verdict, &count);)
		record_put_int(summary, verdict, !strcmp(verdict, "pass"));
}

/* A check that is run again on a certified card takes the place of no certificate. */
static void a_run_of_some_checks_takes_no_whole_run_s_place(void **state)
{
	struct held *held = *state;

	make_run(held, "whole", "6.12.1", "2026-03-01T00:00:00Z");
	make_run(held, "whole-again", "6.12.1", "2026-03-02T00:00:00Z");
	keep_one_check(held);
	make_run(held, "one", "6.12.1", "2026-03-03T00:00:00Z");
	make_run(held, "one-elsewhere", "6.13.1", "2026-03-03T00:00:00Z");
	for (int index = 0; index < 2; index++) { /* read, then from the index */
		load(held);
		assert_int_equal(held->collection.count, 4);
		assert_non_null(strstr(held->collection.runs[0].folder, "/whole-again"));
		assert_false(held->collection.runs[0].superseded);
		assert_non_null(strstr(held->collection.runs[2].folder, "/one"));
		assert_true(held->collection.runs[2].superseded);
		assert_non_null(strstr(held->collection.runs[3].folder, "/one-elsewhere"));
		assert_false(held->collection.runs[3].superseded);
	}
}

static void reads_only_what_is_new(void **state)
{
	struct held *held = *state;

	make_three(held);
	load(held);
	assert_int_equal(held->collection.read, 3);
	load(held);
	assert_int_equal(held->collection.read, 0);
	assert_int_equal(held->collection.count, 3);
	make_run(held, "a", "7.1", "2026-03-04T00:00:00Z");
	load(held);
	assert_int_equal(held->collection.read, 1);
	assert_string_equal(kernel_of(held, 2), "7.1");
	assert_int_equal(unlink(held->index), 0);
	load(held);
	assert_int_equal(held->collection.read, 3);
}

/* The index is a cache: the rows are right whatever it contains. */
static void survives_a_bad_index(void **state)
{
	static const char *const texts[] = {
		"", "{", "{\"schema\":\"vfcert-index/2\"}",
		"{\"schema\":\"vfcert-index/9\",\"runs\":{}}",
		"{\"schema\":\"vfcert-index/2\",\"profile\":\"\",\"runs\":{\"a/results.json\":7}}"
	};
	struct held *held = *state;

	make_three(held);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(file_write_atomic(AT_FDCWD, held->index, texts[i],
						 strlen(texts[i]), NULL),
				0);
		load(held);
		assert_int_equal(held->collection.count, 3);
		assert_int_equal(held->collection.read, 3);
	}
}

static void forgets_what_is_gone(void **state)
{
	struct held *held = *state;
	char *path = text_format("%s/c/results.json", held->path);

	make_three(held);
	load(held);
	assert_int_equal(unlink(path), 0);
	free(path);
	load(held);
	assert_int_equal(held->collection.count, 2);
	assert_false(held->collection.runs[1].superseded);
}

static void takes_a_copy_once(void **state)
{
	struct held *held = *state;

	make_run(held, "a", "6.12.1", "2026-03-01T00:00:00Z");
	make_run(held, "copy", "6.12.1", "2026-03-01T00:00:00Z");
	load(held);
	assert_int_equal(held->collection.count, 1);
}

static void leaves_out_what_it_cannot_read(void **state)
{
	struct held *held = *state;
	char *path = text_format("%s/c/results.json", held->path);

	make_three(held);
	assert_int_equal(file_write_atomic(AT_FDCWD, path, "{\"checks\":[", 11, NULL), 0);
	load(held);
	assert_int_equal(held->collection.count, 2);
	assert_non_null(strstr(record_str(held->collection.left_out, path, ""), "in the middle"));
	free(path);
}

/* A row assesses the same as the results in memory. */
static void assesses_as_whole_results_do(void **state)
{
	struct held *held = *state;
	const struct record *capabilities;
	struct results_reader *reader;
	struct record *whole;

	make_run(held, "a", "6.12.1", "2026-03-01T00:00:00Z");
	load(held);
	capabilities = record_get(held->collection.runs[0].row, "capabilities");
	reader = reader_from_record(held->golden);
	whole = capability_assess(held->profile, reader);
	assert_int_equal(record_length(capabilities), record_length(whole));
	assert_true(record_length(whole) > 5);
	for (size_t i = 0; i < record_length(whole); i++) {
		const struct record *a = record_at(capabilities, i), *b = record_at(whole, i);

		assert_string_equal(record_str(a, "id", ""), record_str(b, "id", ""));
		assert_string_equal(record_str(a, "state", ""), record_str(b, "state", ""));
		assert_string_equal(record_str(a, "reason", ""), record_str(b, "reason", ""));
		assert_int_equal(record_int(a, "pass", -1), record_int(b, "pass", -2));
		assert_int_equal(record_int(a, "total", -1), record_int(b, "total", -2));
	}
	record_free(whole);
	reader_free(reader);
}

static void says_where_nothing_is(void **state)
{
	struct held *held = *state;
	const char *folders[] = { held->path, "/nonexistent" };
	struct err err = { 0 };

	assert_int_equal(collection_load(folders, 1, held->profile, &held->collection, &err),
			-EINVAL);
	assert_non_null(strstr(err.msg, held->path));
	collection_free(&held->collection);
	err = (struct err){ 0 };
	assert_int_equal(collection_load(folders, 2, held->profile, &held->collection, &err),
			-EINVAL);
	assert_non_null(strstr(err.msg, "/nonexistent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(orders_runs_and_their_history, setup, teardown),
		cmocka_unit_test_setup_teardown(
				a_run_of_some_checks_takes_no_whole_run_s_place, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_only_what_is_new, setup, teardown),
		cmocka_unit_test_setup_teardown(survives_a_bad_index, setup, teardown),
		cmocka_unit_test_setup_teardown(forgets_what_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_a_copy_once, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_out_what_it_cannot_read, setup, teardown),
		cmocka_unit_test_setup_teardown(assesses_as_whole_results_do, setup, teardown),
		cmocka_unit_test_setup_teardown(says_where_nothing_is, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

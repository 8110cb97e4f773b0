/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/folder.h"

static void writes_and_reads_whole_files(void **state)
{
	struct folder *folder = *state;
	char large[20000], *text;
	size_t length;

	memset(large, 'x', sizeof(large));
	large[77] = '\0';
	assert_int_equal(file_write_atomic(folder->fd, "f", large, sizeof(large), &folder->err), 0);
	assert_int_equal(file_read(folder->fd, "f", 20000, &text, &length, &folder->err), 0);
	assert_int_equal(length, sizeof(large));
	assert_memory_equal(text, large, sizeof(large));
	assert_int_equal(text[length], 0);
	free(text);
}

static void refuses_more_than_the_limit(void **state)
{
	struct folder *folder = *state;
	char *text = NULL;

	assert_int_equal(file_write_atomic(folder->fd, "f", "12345", 5, NULL), 0);
	assert_int_equal(file_read(folder->fd, "f", 4, &text, NULL, &folder->err), -EFBIG);
	assert_null(text);
	assert_int_equal(file_read(folder->fd, "none", 4, &text, NULL, NULL), -ENOENT);
}

static void replaces_and_leaves_nothing_beside(void **state)
{
	struct folder *folder = *state;
	CLEANUP(cleanup_free) char *pattern = text_format("ls -A %s | wc -l", folder->path);
	FILE *pipe;
	int count = 0;

	assert_int_equal(file_write_atomic(folder->fd, "f", "old", 3, NULL), 0);
	assert_int_equal(file_write_atomic(folder->fd, "f", "new", 3, NULL), 0);
	pipe = popen(pattern, "r");
	assert_int_equal(fscanf(pipe, "%d", &count), 1);
	pclose(pipe);
	assert_int_equal(count, 1);
	assert_int_equal(file_write_atomic(folder->fd, "no/such/f", "x", 1, &folder->err), -ENOENT);
	assert_says(folder->err.msg, "no/such/f");
}

static void makes_and_removes_trees(void **state)
{
	struct folder *folder = *state;
	CLEANUP(cleanup_free) char *deep = text_format("%s/a/b/c", folder->path);
	CLEANUP(cleanup_free) char *top = text_format("%s/a", folder->path);
	CLEANUP(cleanup_free) char *kept = text_format("%s/kept", folder->path);
	CLEANUP(cleanup_free) char *link = text_format("%s/a/b/link", folder->path);
	struct stat st;

	assert_int_equal(file_make_dirs(deep, 0755, &folder->err), 0);
	assert_int_equal(file_make_dirs(deep, 0755, &folder->err), 0);
	assert_int_equal(mkdir(kept, 0755), 0);
	assert_int_equal(symlink(kept, link), 0);
	assert_int_equal(file_remove_tree(top, &folder->err), 0);
	assert_int_equal(stat(top, &st), -1);
	assert_int_equal(stat(kept, &st), 0);
	assert_int_equal(file_remove_tree(top, &folder->err), 0);
}

/* Nobody who may write to the folder can place a file or a link where the draft will be created. */
static void drafts_have_names_of_their_own(void **state)
{
	struct folder *folder = *state;
	CLEANUP(cleanup_file_draft) struct file_draft one = FILE_DRAFT_NONE;
	CLEANUP(cleanup_file_draft) struct file_draft two = FILE_DRAFT_NONE;

	assert_int_equal(file_draft_open(folder->fd, "f", &one, &folder->err), 0);
	assert_int_equal(file_draft_open(folder->fd, "f", &two, &folder->err), 0);
	assert_string_not_equal(one.fresh, two.fresh);
	assert_int_equal(strlen(one.fresh), strlen("f.0123456789abcdef.new"));
	assert_true(fputs("one", one.out) >= 0 && fputs("two", two.out) >= 0);
	assert_int_equal(file_draft_commit(&two, &folder->err), 0);
	assert_int_equal(file_draft_commit(&one, &folder->err), 0);
	assert_null(one.fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				drafts_have_names_of_their_own, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(
				writes_and_reads_whole_files, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(
				refuses_more_than_the_limit, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(
				replaces_and_leaves_nothing_beside, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(
				makes_and_removes_trees, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

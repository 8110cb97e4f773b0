/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/admin_file.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/tree.h"

#define PATH "etc/vfctl/networks/red.network"

static int setup(void **state)
{
	*state = tree_new();
	return 0;
}

static void assert_content(struct tree *tree, const char *expected)
{
	char *text = NULL;
	struct err err = { 0 };

	if (admin_file_read(tree->host, PATH, &text, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(text, expected);
	free(text);
}

static void assert_unreadable(struct tree *tree, int code, const char *says)
{
	char *text = NULL;
	struct err err = { 0 };

	assert_int_equal(admin_file_read(tree->host, PATH, &text, &err), -code);
	assert_null(text);
	assert_says(err.msg, says);
}

static void writes_reads_removes(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	assert_unreadable(tree, ENOENT, "etc/vfctl/networks/red.network");
	if (admin_file_write(tree->host, PATH, "[Network]\n", &err) < 0)
		fail_msg("%s", err.msg);
	assert_content(tree, "[Network]\n");
	assert_int_equal(admin_file_write(tree->host, PATH, "", &err), 0);
	assert_content(tree, "");
	assert_int_equal(admin_file_remove(tree->host, PATH, &err), 0);
	assert_unreadable(tree, ENOENT, "etc/vfctl/networks/red.network");
	assert_int_equal(admin_file_remove(tree->host, PATH, &err), -ENOENT);
}

static void reads_nothing_that_others_could_have_written(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_free) char *path = text_format("%s/%s", tree->root, PATH);

	tree_file(tree, PATH, "x");
	chmod(path, 0646);
	assert_unreadable(tree, EPERM, "chmod go-w");
	tree_link(tree, PATH, "../blue.network");
	assert_unreadable(tree, EPERM, "is a link");
	tree_remove(tree, PATH);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_unreadable(tree, EINVAL, "not a regular file");
	tree_remove(tree, PATH);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_unreadable(tree, EINVAL, "not a regular file");
	if (geteuid() == 0) {
		tree_remove(tree, PATH);
		tree_file(tree, PATH, "x");
		assert_int_equal(chown(path, 12345, 0), 0);
		assert_unreadable(tree, EPERM, "belongs to user 12345");
	}
}

static void reads_no_binary_and_no_flood(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_free) char *path = text_format("%s/%s", tree->root, PATH);
	int fd;

	tree_file(tree, PATH, "x");
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "a\0b", 3, 0), 3);
	assert_unreadable(tree, EINVAL, "zero byte");
	assert_int_equal(pwrite(fd, "\xff\xfe[\0M\0", 6, 0), 6);
	assert_unreadable(tree, EINVAL, "is in UTF-16: save it as UTF-8");
	assert_int_equal(pwrite(fd, "[\0M\0a\0", 6, 0), 6);
	assert_unreadable(tree, EINVAL, "is in UTF-16: save it as UTF-8");
	assert_int_equal(ftruncate(fd, (1 << 20) + 1), 0);
	close(fd);
	assert_unreadable(tree, EFBIG, "larger");
}

static void follows_no_link_out_of_the_root(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_free) char *inside = text_format("%s/tmp/networks/red.network", tree->root);
	struct err err = { 0 };
	struct stat st;

	tree_link(tree, "etc/vfctl", "/tmp");
	tree_file(tree, "tmp/x", "");
	if (admin_file_write(tree->host, PATH, "x", &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(stat(inside, &st), 0);
}

/* Writes in a child, where a limit on the size of files acts as a full disk: 0, or the code of
 * the error. */
static int write_with_full_disk(struct tree *tree)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct rlimit limit = { 4, 4 };
		struct err err = { 0 };

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		admin_file_write(tree->host, PATH, "the new text", &err);
		_exit(strstr(err.msg, "is as it was") ? err.code : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void keeps_the_old_file_when_the_disk_is_full(void **state)
{
	struct tree *tree = *state;
	char **names;
	size_t count;

	assert_int_equal(admin_file_write(tree->host, PATH, "old", NULL), 0);
	assert_int_equal(write_with_full_disk(tree), EFBIG);
	assert_content(tree, "old");
	assert_int_equal(host_names(tree->host, "etc/vfctl/networks", &names, &count, NULL), 0);
	host_names_free(names, count);
	assert_int_equal(count, 1);
}

static void names_what_cannot_be_written(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	/* A file in place of a folder: even root cannot write below it. */
	tree_file(tree, "etc/vfctl", "");
	assert_int_equal(admin_file_write(tree->host, PATH, "x", &err), -ENOTDIR);
	assert_says(err.msg, "etc/vfctl");
}

/* Writes in a child with its own mounts, where etc/ is read-only: 0, the code of the error, or
 * 255 if the machine does not permit that. */
static int write_to_read_only(struct tree *tree)
{
	CLEANUP(cleanup_free) char *etc = text_format("%s/etc", tree->root);
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct host *host = NULL; /* opened again: descriptors keep their mounts */
		struct err err = { 0 };

		if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) < 0 ||
				mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
				mount(etc, etc, NULL, MS_BIND, NULL) < 0 ||
				mount(NULL, etc, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
			_exit(255);
		host_open(tree->root, &host, &err);
		admin_file_write(host, PATH, "the new text", &err);
		_exit(strstr(err.msg, PATH) ? err.code : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void keeps_the_old_file_when_all_is_read_only(void **state)
{
	struct tree *tree = *state;
	int code;

	assert_int_equal(admin_file_write(tree->host, PATH, "old", NULL), 0);
	code = write_to_read_only(tree);
	if (code == 255) {
		print_message("no mount namespace for this user: nothing is read-only to try\n");
		skip();
	}
	assert_int_equal(code, EROFS);
	assert_content(tree, "old");
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREE(writes_reads_removes),
		WITH_TREE(reads_nothing_that_others_could_have_written),
		WITH_TREE(reads_no_binary_and_no_flood),
		WITH_TREE(follows_no_link_out_of_the_root),
		WITH_TREE(keeps_the_old_file_when_the_disk_is_full),
		WITH_TREE(keeps_the_old_file_when_all_is_read_only),
		WITH_TREE(names_what_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

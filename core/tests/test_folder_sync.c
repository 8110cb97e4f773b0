/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/admin_file.h"
#include "tests/assert.h"
#include "tests/tree.h"

/* A disk that fails when a folder is synced; linked with --wrap=fsync. */

int __real_fsync(int fd);
int __wrap_fsync(int fd);

static bool fails;

int __wrap_fsync(int fd)
{
	struct stat st;

	if (fails && !fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

static void says_that_the_new_file_is_there(void **state)
{
	struct tree *tree = *state;
	CLEANUP(cleanup_free) char *text = NULL;
	struct err err = { 0 };

	tree_file(tree, "etc/vfctl/a.conf", "old\n");
	fails = true;
	assert_int_equal(admin_file_write(tree->host, "etc/vfctl/a.conf", "new\n", &err), -EIO);
	fails = false;
	assert_says(err.msg,
			"etc/vfctl/a.conf is written, but a power cut may bring the old one "
			"back: cannot sync the folder");
	assert_int_equal(admin_file_read(tree->host, "etc/vfctl/a.conf", &text, NULL), 0);
	assert_string_equal(text, "new\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				says_that_the_new_file_is_there, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

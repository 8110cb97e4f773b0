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
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "observe/durable.h"

/* A shell that creates a file, renames it and removes it, in its own folder. */
struct fixture {
	struct host *host;
	char folder[32];
	struct durable durable;
	struct record *pretend;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	strcpy(fixture->folder, "/tmp/vfcert-durable-XXXXXX");
	fixture->durable = DURABLE_NONE;
	fixture->pretend = record_array();
	return mkdtemp(fixture->folder) ? host_open("/", &fixture->host, NULL) : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	durable_end(&fixture->durable);
	record_free(fixture->pretend);
	host_close(fixture->host);
	file_remove_tree(fixture->folder, NULL);
	free(fixture);
	return 0;
}

static void run(struct fixture *fixture, const char *script, int steps)
{
	CLEANUP(cleanup_free) char *whole = text_format("cd %s && %s", fixture->folder, script);
	const char *const argv[] = { "sh", "-c", whole, NULL };

	durable_end(&fixture->durable);
	if (durable_run(fixture->host, argv, steps, fixture->pretend, &fixture->durable,
			    &fixture->err) < 0)
		fail_msg("%s", fixture->err.msg);
}

static bool is_there(const struct fixture *fixture, const char *name)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/%s", fixture->folder, name);

	return access(path, F_OK) == 0;
}

#define SCRIPT "echo said; echo 1 >a; mv -T a b; rm b; cat /dev/null; echo 2 >/dev/null"

static void counts_steps_of_all_processes(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(cleanup_free) char *text = NULL;

	run(fixture, SCRIPT, DURABLE_WHOLE);
	text = durable_text(fixture->durable.counts);
	assert_string_equal(text, "create 1, write 1, rename 1, unlink 1");
	assert_int_equal(fixture->durable.steps, 4);
	assert_false(fixture->durable.stopped);
	assert_true(WIFEXITED(fixture->durable.status) && !WEXITSTATUS(fixture->durable.status));
	assert_string_equal(fixture->durable.output, "said\n");
}

static void stops_after_each_step(void **state)
{
	static const struct {
		const char *last;
		bool a, b;
	} at[] = {
		{ "", false, false },
		{ "create /tmp/", true, false },
		{ "write ", true, false },
		{ "rename b", false, true },
		{ "unlink b", false, false },
	};
	struct fixture *fixture = *state;

	for (int i = 0; i < 5; i++) {
		run(fixture, SCRIPT, i);
		assert_int_equal(fixture->durable.steps, i);
		assert_true(fixture->durable.stopped);
		assert_int_equal(strncmp(fixture->durable.last, at[i].last, strlen(at[i].last)), 0);
		assert_int_equal(is_there(fixture, "a"), at[i].a);
		assert_int_equal(is_there(fixture, "b"), at[i].b);
		durable_end(&fixture->durable);
		assert_int_equal(is_there(fixture, "a"), at[i].a);
		assert_int_equal(is_there(fixture, "b"), at[i].b);
		run(fixture, "rm -f a b", DURABLE_WHOLE);
	}
}

static void counts_no_step_that_failed(void **state)
{
	struct fixture *fixture = *state;

	run(fixture, "rmdir absent; mkdir sub; mkdir sub", DURABLE_WHOLE);
	assert_string_equal(fixture->durable.last, "mkdir sub");
	assert_int_equal(fixture->durable.steps, 1);
	assert_true(WEXITSTATUS(fixture->durable.status));
}

static void pretends_calls(void **state)
{
	struct fixture *fixture = *state;

	record_add_str(fixture->pretend, "rename");
	run(fixture, "echo 1 >a; mv -T a b", DURABLE_WHOLE);
	assert_int_equal(WEXITSTATUS(fixture->durable.status), 0);
	assert_true(is_there(fixture, "a"));
	assert_false(is_there(fixture, "b"));
	assert_int_equal(fixture->durable.steps, 3);
}

static void reports_a_missing_program(void **state)
{
	struct fixture *fixture = *state;
	const char *const argv[] = { "/absent/program", NULL };

	assert_int_equal(durable_run(fixture->host, argv, DURABLE_WHOLE, NULL, &fixture->durable,
					 &fixture->err),
			0);
	assert_int_equal(WEXITSTATUS(fixture->durable.status), 127);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(counts_steps_of_all_processes),
		TEST(stops_after_each_step),
		TEST(counts_no_step_that_failed),
		TEST(pretends_calls),
		TEST(reports_a_missing_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

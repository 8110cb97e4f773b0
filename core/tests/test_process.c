/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/process.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/assert.h"

#define SOON deadline_in(20000)

static void gives_the_output(void **state)
{
	static const char *const argv[] = { "sh", "-c", "echo out; echo err >&2", NULL };
	struct err err = { 0 };
	char *output;

	(void)state;
	assert_int_equal(process_run(argv, SOON, &output, &err), 0);
	assert_string_equal(output, "out\n");
	free(output);
}

static void gives_output_larger_than_a_pipe(void **state)
{
	static const char *const argv[] = { "sh", "-c",
		"head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero >&2", NULL };
	char *output;

	(void)state;
	assert_int_equal(process_run(argv, SOON, &output, NULL), 0);
	assert_int_equal(strlen(output), 300000);
	free(output);
}

static void tells_the_last_words_of_a_failure(void **state)
{
	static const char *const argv[] = { "sh", "-c", "echo first >&2; echo last >&2; exit 3",
		NULL };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(process_run(argv, SOON, NULL, &err), -EPROTO);
	assert_string_equal(err.msg, "sh: exit status 3: last");
}

static void names_a_program_that_is_not_there(void **state)
{
	static const char *const argv[] = { "no-such-program", NULL };
	struct process process = PROCESS_NONE;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
			process_start(argv, (struct process_streams){ -1, -1, -1 }, &process, &err),
			-ENOENT);
	assert_says(err.msg, "no-such-program");
	assert_int_equal(process.pid, 0);
}

static void ends_what_does_not_end(void **state)
{
	static const char *const argv[] = { "sleep", "1000", NULL };
	struct process process = PROCESS_NONE;
	struct err err = { 0 };
	pid_t pid;

	(void)state;
	assert_int_equal(process_run(argv, deadline_in(20), NULL, &err), -ETIMEDOUT);
	assert_says(err.msg, "did not end");
	assert_int_equal(
			process_start(argv, (struct process_streams){ -1, -1, -1 }, &process, &err),
			0);
	pid = process.pid;
	assert_int_equal(process_wait(&process, deadline_in(0), NULL), -ETIMEDOUT);
	process_end(&process, 5000);
	assert_int_equal(process.pid, 0);
	assert_int_equal(kill(pid, 0), -1);
	process_end(&process, 5000);
}

/* For a kernel or a filter without pidfd_open(). */
static void sees_the_end_without_a_pidfd(void **state)
{
	static const char *const argv[] = { "true", NULL };
	struct process process = PROCESS_NONE;
	int64_t began_us = clock_us();
	int status = -1;

	(void)state;
	assert_int_equal(
			process_start(argv, (struct process_streams){ -1, -1, -1 }, &process, NULL),
			0);
	close(process.fd);
	process.fd = -1;
	assert_int_equal(process_wait(&process, deadline_in(60000), &status), 0);
	assert_int_equal(status, 0);
	assert_true(clock_us() - began_us < 30000000);
}

static void kills_what_does_not_listen(void **state)
{
	static const char *const argv[] = { "sh", "-c", "trap '' TERM; echo; while :; do :; done",
		NULL };
	struct process process = PROCESS_NONE;
	int out[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(out), 0);
	assert_int_equal(process_start(argv, (struct process_streams){ -1, out[1], -1 }, &process,
					 NULL),
			0);
	close(out[1]);
	assert_int_equal(read(out[0], &byte, 1), 1);
	process_end(&process, 10);
	assert_int_equal(process.pid, 0);
	close(out[0]);
}

static void describes_statuses(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(process_status(3 << 8, text), "exit status 3");
	assert_string_equal(process_status(SIGKILL, text), "killed by signal 9 (Killed)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_output),
		cmocka_unit_test(gives_output_larger_than_a_pipe),
		cmocka_unit_test(tells_the_last_words_of_a_failure),
		cmocka_unit_test(names_a_program_that_is_not_there),
		cmocka_unit_test(ends_what_does_not_end),
		cmocka_unit_test(sees_the_end_without_a_pidfd),
		cmocka_unit_test(kills_what_does_not_listen),
		cmocka_unit_test(describes_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

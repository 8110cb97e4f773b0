/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "tests/assert.h"

/* A program that blocks signals keeps them blocked, so each test runs in its own process.
 * Returns the wait status. */
static int status_of(bool (*program)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(program() ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool is_interrupted(void)
{
	struct err err = { 0 };

	return signals_poll(NULL, 0, deadline_in(20000), &err) == -EINTR &&
			!strcmp(err.msg, "interrupted");
}

static bool signal_before_two_waits(void)
{
	signals_block();
	raise(SIGTERM);
	return is_interrupted() && is_interrupted() && signals_pending() == SIGTERM;
}

static void a_signal_between_waits_is_not_lost(void **state)
{
	(void)state;
	assert_int_equal(status_of(signal_before_two_waits), 0);
}

static bool poll_a_pipe(void)
{
	struct pollfd polled = { .events = POLLIN };
	int fds[2];

	signals_block();
	if (pipe(fds) < 0)
		return false;
	polled.fd = fds[0];
	if (signals_poll(&polled, 1, deadline_in(1), NULL) != -ETIMEDOUT || polled.revents)
		return false;
	return write(fds[1], "", 1) == 1 && signals_poll(&polled, 1, deadline_in(0), NULL) == 1 &&
			polled.revents == POLLIN && !signals_pending();
}

static void descriptors_are_polled(void **state)
{
	(void)state;
	assert_int_equal(status_of(poll_a_pipe), 0);
}

static bool ignore(void)
{
	signal(SIGHUP, SIG_IGN);
	signals_block();
	raise(SIGHUP);
	return !signals_pending() && signals_poll(NULL, 0, deadline_in(0), NULL) == -ETIMEDOUT;
}

static void what_is_ignored_stays_ignored(void **state)
{
	(void)state;
	assert_int_equal(status_of(ignore), 0);
}

static bool child_has_none(void)
{
	return !signals_pending() && signals_poll(NULL, 0, deadline_in(0), NULL) == -ETIMEDOUT &&
			!raise(SIGTERM) && is_interrupted();
}

static bool signal_before_fork(void)
{
	signals_block();
	raise(SIGTERM);
	return status_of(child_has_none) == 0 && signals_pending() == SIGTERM;
}

static void a_child_has_signals_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(status_of(signal_before_fork), 0);
}

static bool run_another_program(void)
{
	static const char *const argv[] = { "sh", "-c", "kill -TERM $$; sleep 20", NULL };
	struct err err = { 0 };

	signals_block();
	return process_run(argv, deadline_in(20000), NULL, &err) == -EPROTO &&
			strstr(err.msg, "killed by signal 15");
}

static void other_programs_die_of_theirs(void **state)
{
	(void)state;
	assert_int_equal(status_of(run_another_program), 0);
}

static bool die(void)
{
	signals_block();
	signals_die(); /* dies of no signal */
	raise(SIGTERM);
	signals_die();
	return false;
}

static void a_program_dies_of_its_signal_at_the_end(void **state)
{
	int status = status_of(die);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_between_waits_is_not_lost),
		cmocka_unit_test(descriptors_are_polled),
		cmocka_unit_test(what_is_ignored_stays_ignored),
		cmocka_unit_test(a_child_has_signals_of_its_own),
		cmocka_unit_test(other_programs_die_of_theirs),
		cmocka_unit_test(a_program_dies_of_its_signal_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

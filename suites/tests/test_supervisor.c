/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/supervisor.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/signals.h"
#include "tests/assert.h"

enum { ENDED = 7 };

static int work_until_signal(void *argument)
{
	(void)argument;
	return signals_poll(NULL, 0, deadline_in(20000), NULL) == -EINTR ? ENDED : 1;
}

static int work_without_wait(void *argument)
{
	(void)argument;
	return ENDED;
}

/* Runs a program that has received a signal before its work began. */
static int status_of(int number, int (*work)(void *))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		/* nohup and a shell's background jobs leave some signals ignored. */
		if (number)
			signal(number, SIG_DFL);
		signals_block();
		if (number)
			raise(number);
		_exit(supervisor_run(work, NULL));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void gives_the_status_of_the_work(void **state)
{
	(void)state;
	assert_int_equal(status_of(0, work_without_wait), ENDED);
}

static void an_early_signal_ends_the_work(void **state)
{
	(void)state;
	assert_int_equal(status_of(SIGTERM, work_until_signal), ENDED);
	assert_int_equal(status_of(SIGHUP, work_until_signal), ENDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_status_of_the_work),
		cmocka_unit_test(an_early_signal_ends_the_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

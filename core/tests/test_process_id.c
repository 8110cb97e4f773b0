/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/process_id.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/assert.h"

/* A child that waits, and its id. */
static pid_t start_child(struct process_id *id)
{
	int pipe_fds[2];
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	if (pid == 0) {
		*id = process_id_self();
		if (write(pipe_fds[1], id, sizeof(*id)) != sizeof(*id))
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(pipe_fds[0], id, sizeof(*id)), sizeof(*id));
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return pid;
}

static void tells_whether_a_process_has_ended(void **state)
{
	struct process_id self = process_id_self(), id;
	pid_t pid = start_child(&id);

	(void)state;
	assert_int_equal(id.pid, pid);
	assert_false(process_id_has_ended(&self));
	assert_false(process_id_has_ended(&id));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(process_id_has_ended(&id));
}

static void knows_a_number_that_is_used_again(void **state)
{
	struct process_id id = process_id_self();

	(void)state;
	id.started--;
	assert_true(process_id_has_ended(&id));
}

static void does_not_guess(void **state)
{
	struct process_id self = process_id_self(), id = self;

	(void)state;
	assert_true(self.started && self.pid_namespace);
	/* Elsewhere the number means another process, or none. */
	id.pid_namespace++;
	id.pid = 0x3fffff;
	assert_false(process_id_has_ended(&id));
	/* A record without them, of an older manager. */
	assert_false(process_id_has_ended(&(struct process_id){ .pid = 0x3fffff }));
	assert_false(process_id_has_ended(&(struct process_id){ .pid = 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_whether_a_process_has_ended),
		cmocka_unit_test(knows_a_number_that_is_used_again),
		cmocka_unit_test(does_not_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

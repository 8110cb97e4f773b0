/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Handlers are the process's, and so is this state. The pipe stays readable after the first
 * signal: a signal between two waits is not lost. */
static volatile sig_atomic_t caught;
static int pipe_fds[2] = { -1, -1 };

#define POLLED_LIMIT 6

static void on_signal(int number)
{
	int kept = errno;

	caught = number;
	if (write(pipe_fds[1], "", 1) < 0)
		errno = kept;
	errno = kept;
}

void interrupt_catch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };

	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct sigaction former;

		/* What nohup(1) ignores stays ignored. */
		sigaction(numbers[i], NULL, &former);
		if (former.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}

int interrupt_signal(void)
{
	return caught;
}

void interrupt_finish(void)
{
	if (!caught)
		return;
	signal(caught, SIG_DFL);
	raise(caught);
}

int interrupt_poll(struct pollfd *polled, nfds_t count, struct deadline deadline, struct err *err)
{
	struct pollfd all[POLLED_LIMIT + 1];
	int found;

	if (count > POLLED_LIMIT)
		return err_set(err, EINVAL, "more than %d descriptors to wait for", POLLED_LIMIT);
	for (;;) {
		memcpy(all, polled, count * sizeof(*polled));
		all[count] = (struct pollfd){ .fd = pipe_fds[0], .events = POLLIN };
		found = poll(all, count + 1, deadline_left(deadline));
		if (caught)
			return err_set(err, EINTR, "interrupted");
		if (found < 0 && errno != EINTR)
			return err_sys(err, "cannot wait");
		if (found > 0)
			break;
		if (!deadline_left(deadline))
			return -ETIMEDOUT;
	}
	memcpy(polled, all, count * sizeof(*polled));
	return found;
}

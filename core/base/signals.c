/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

/*
 * The kernel's set of pending signals is the state. The descriptor is only polled, never read: it
 * is readable while a signal is pending, and in a child it shows the signals of the child.
 */
static int pending_fd = -1;

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
#define NUMBERS (sizeof(numbers) / sizeof(*numbers))

/* A blocked signal becomes pending even if it is ignored, so ignored ones are not blocked. */
static bool is_ignored(int number)
{
	struct sigaction action;

	return !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

void signals_block(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < NUMBERS; i++) {
		if (!is_ignored(numbers[i]))
			sigaddset(&set, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	pending_fd = signalfd(pending_fd, &set, SFD_CLOEXEC);
	if (pending_fd < 0)
		abort();
	signal(SIGPIPE, SIG_IGN);
}

void signals_unblock(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
}

int signals_pending(void)
{
	sigset_t set;

	sigpending(&set);
	for (size_t i = 0; i < NUMBERS; i++) {
		if (sigismember(&set, numbers[i]))
			return numbers[i];
	}
	return 0;
}

void signals_die(void)
{
	if (signals_pending())
		signals_unblock();
}

int signals_poll(struct pollfd *polled, nfds_t count, struct deadline deadline, struct err *err)
{
	struct pollfd all[SIGNALS_POLL_LIMIT + 1];
	size_t size = count * sizeof(*polled);
	int found;

	if (count > SIGNALS_POLL_LIMIT)
		return err_set(err, EINVAL, "more than %d descriptors to wait for",
				SIGNALS_POLL_LIMIT);
	do {
		if (count)
			memcpy(all, polled, size);
		all[count] = (struct pollfd){ .fd = pending_fd, .events = POLLIN };
		found = poll(all, count + 1, deadline_left(deadline));
		if (found < 0 && errno != EINTR)
			return err_sys(err, "cannot wait");
	} while (found < 0);
	if (all[count].revents)
		return err_set(err, EINTR, "interrupted");
	if (count)
		memcpy(polled, all, size);
	return found ? found : -ETIMEDOUT;
}

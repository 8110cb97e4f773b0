/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/supervisor.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/signals.h"
#include "command/verb.h"

static int in_child(int (*work)(void *argument), void *argument, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return EXIT_UNUSABLE;
	return work(argument);
}

/* The child needs one signal, which stays pending there. A terminal sends its signal to both; a
 * second one does no harm. */
static int await(pid_t child)
{
	struct process process = process_of(child);
	int status, rc = process_wait_or_signal(&process, deadline_in(INT32_MAX), &status);

	if (rc == -EINTR) {
		kill(child, signals_pending());
		rc = process_wait(&process, deadline_in(INT32_MAX), &status);
	}
	if (rc < 0)
		return EXIT_UNUSABLE;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (!signals_pending()) {
		char how[64];

		fprintf(stderr, "vfcert: the run was %s\n", process_status(status, how));
	}
	return EXIT_UNUSABLE;
}

int supervisor_run(int (*work)(void *argument), void *argument)
{
	pid_t parent = getpid(), child;

	fflush(NULL); /* or the child would print it again */
	child = fork();
	if (child < 0)
		return work(argument);
	if (child == 0) {
		int status = in_child(work, argument, parent);

		fflush(NULL);
		_exit(status);
	}
	return await(child);
}

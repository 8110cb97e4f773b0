/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/verb.h"
#include "rig/interrupt.h"

static int in_child(int (*work)(void *argument), void *argument, pid_t parent)
{
	interrupt_catch();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return EXIT_UNUSABLE;
	return work(argument);
}

/* A terminal sends its signal to both; once more does no harm. */
static int await(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return EXIT_UNUSABLE;
		if (interrupt_signal())
			kill(child, interrupt_signal());
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (!interrupt_signal()) {
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

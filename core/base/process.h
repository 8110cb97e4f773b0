/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * Child processes. A child is killed when its parent ends for any reason. It starts with default
 * signal handling and no descriptors but the three standard ones.
 */
struct process {
	pid_t pid; /* 0: none */
	int fd;    /* a pidfd: readable once the child has ended; -1: none */
};

#define PROCESS_NONE ((struct process){ .fd = -1 })

/* The child's standard streams; -1: /dev/null. The caller keeps its descriptors. */
struct process_streams {
	int in, out, err;
	bool own_group; /* the keys of a terminal that end the parent do not end the child */
};

/* A process for a child that fork() returned. */
struct process process_of(pid_t pid);

/* Looks up ARGV[0] in PATH. Fails if the program cannot be executed. */
int process_start(const char *const argv[], struct process_streams streams, struct process *process,
		struct err *err);

/* Waits until DEADLINE for the process to end: 0 and the wait status, or -ETIMEDOUT (still
 * running). PROCESS is PROCESS_NONE after its end. */
int process_wait(struct process *process, struct deadline deadline, int *status);

/* The same, or -EINTR once a signal is pending (base/signals.h). */
int process_wait_or_signal(struct process *process, struct deadline deadline, int *status);

/* Sends SIGTERM, after GRACE_MS SIGKILL, and reaps the process. PROCESS_NONE is not an error. */
void process_end(struct process *process, int grace_ms);
void cleanup_process(struct process *process);

/* Runs a program to its end and returns its standard output (at most 16 MiB) for the caller to
 * free. A status other than 0 is -EPROTO, with the last line of standard error in the message.
 * OUTPUT may be NULL. */
int process_run(const char *const argv[], struct deadline deadline, char **output, struct err *err);

/* "exit status 3" or "killed by signal 9 (Killed)". */
const char *process_status(int status, char text[64]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * Child processes. A child dies with its parent, however that ends, and starts with default
 * signals and no descriptors but the three standard ones.
 */
struct process {
	pid_t pid; /* 0: none */
	int fd;    /* a pidfd: readable when the child has ended; -1: none */
};

#define PROCESS_NONE ((struct process){ .fd = -1 })

/* What the child's standard streams are; -1: /dev/null. They stay the caller's. */
struct process_streams {
	int in, out, err;
};

/* The child of a fork(). */
struct process process_of(pid_t pid);

/* ARGV[0] is looked up in PATH. A program that cannot be executed is an error here. */
int process_start(const char *const argv[], struct process_streams streams, struct process *process,
		struct err *err);

/* Waits until DEADLINE for the end: 0 and the wait status, or -ETIMEDOUT (still running). The
 * process is none after its end. */
int process_wait(struct process *process, struct deadline deadline, int *status);

/* The same, or -EINTR once a signal is pending (base/signals.h). */
int process_wait_or_signal(struct process *process, struct deadline deadline, int *status);

/* SIGTERM, after GRACE_MS SIGKILL, and collects it. None is fine. */
void process_end(struct process *process, int grace_ms);
void cleanup_process(struct process *process);

/* Runs to the end and gives its standard output (at most 16 MiB) for the caller to free. A status
 * other than 0 is -EPROTO, with the last line of its standard error in the message. OUTPUT may be
 * NULL. */
int process_run(const char *const argv[], struct deadline deadline, char **output, struct err *err);

/* "exit status 3" or "killed by signal 9 (Killed)". */
const char *process_status(int status, char text[64]);

#endif

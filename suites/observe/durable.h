/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_DURABLE_H
#define OBSERVE_DURABLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/record.h"
#include "host/host.h"

/*
 * A program and the steps by which it changes what outlives it, watched from outside with ptrace(2):
 * the program is the one that users run, and knows of nothing.
 *
 * A step is a system call that has succeeded in changing a file or its name (write, fsync, rename,
 * link, mkdir, truncate, an open that creates, and their kin, in sysfs too), or a request of
 * rtnetlink other than to tell. Pipes, terminals and the like are no files. Children of the program
 * are part of it.
 */
enum { DURABLE_THREADS = 16, DURABLE_WHOLE = -1 };

struct durable {
	bool stands; /* it was stopped, and is where it was */
	pid_t tids[DURABLE_THREADS];
	unsigned steps;        /* that were done */
	char last[200];        /* of them: "rename /var/lib/vfctl/state"; "" before the first */
	int status;            /* as waitpid() has it, once it has ended */
	char *output;          /* of both streams, up to its end */
	struct record *counts; /* object: name of the call to number of steps */
	int output_fd;
};

#define DURABLE_NONE ((struct durable){ .output_fd = -1 })

/* Runs ARGV, looked up in PATH, and stops it after STEPS steps (0: just before the first) or not at
 * all. PRETEND, an array or NULL, names calls that are kept from the kernel and told as done: a way
 * to break the program. Blocks; the program dies with the caller. */
int durable_run(const struct host *host, const char *const argv[], int steps,
		const struct record *pretend, struct durable *durable, struct err *err);

/* Kills it where it stands, and frees. */
void durable_end(struct durable *durable);

/* "write 12, fsync 3, rename 1"; for the caller to free. */
char *durable_text(const struct record *counts);

#endif

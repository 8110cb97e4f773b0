/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_DURABLE_H
#define OBSERVE_DURABLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "data/record.h"
#include "host/host.h"

/*
 * Runs a program under ptrace(2) and watches the steps by which it changes state that outlives it.
 * The program is the one that users run, unchanged.
 *
 * A step is a system call that succeeds in changing a file or its name (write, fsync, rename, link,
 * mkdir, truncate, an open that creates, and similar ones, in sysfs too), or a request to rtnetlink
 * that is not a query. Pipes, terminals and the like do not count as files. Children of the program
 * are watched, too.
 */
enum { DURABLE_THREADS = 16, DURABLE_WHOLE = -1 };

struct durable {
	bool stopped; /* after STEPS steps; it still exists */
	pid_t tids[DURABLE_THREADS];
	unsigned steps; /* done */
	char last[200]; /* the last step: "rename /var/lib/vfctl/state"; "" before the first */
	int status;     /* from waitpid(), once it has ended */
	char *output;   /* both streams */
	struct record *counts; /* object: name of the call to number of steps */
	int output_fd;
};

#define DURABLE_NONE ((struct durable){ .output_fd = -1 })

/* Runs ARGV, looked up in PATH, and stops it after STEPS steps (0: just before the first), or
 * not at all. PRETEND, an array or NULL, names calls that the kernel never sees and that appear to
 * the program to succeed: a way to break the program. Blocks; the program dies with the caller. */
int durable_run(const struct host *host, const char *const argv[], int steps,
		const struct record *pretend, struct durable *durable, struct err *err);

/* Kills a stopped program, and frees everything. */
void durable_end(struct durable *durable);

/* Returns "write 12, fsync 3, rename 1"; the caller frees it. */
char *durable_text(const struct record *counts);

#endif

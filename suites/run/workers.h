/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_WORKERS_H
#define RUN_WORKERS_H

#include <stddef.h>

#include "base/err.h"

/*
 * Pieces of work in child processes, some at a time. A child leaves what it has found in a file; what
 * it changes in memory is lost.
 */
enum { WORKERS_LIMIT = 6 };

struct workers {
	unsigned limit;                             /* children at a time, 1 to WORKERS_LIMIT */
	void (*work)(void *argument, size_t index); /* in the child */
	void (*done)(void *argument, size_t index); /* here, once the child has ended, however */
	void *argument;
};

/* How many at a time: what TEXT says, or where it is NULL so many for each processor, up to LIMIT. */
int workers_wanted(
		const char *text, unsigned each, unsigned limit, unsigned *wanted, struct err *err);

/* Does the batches 0 to COUNT - 1. A signal to end is handed on to the children, which are waited
 * for: -EINTR. */
int workers_run(const struct workers *workers, size_t count, struct err *err);

#endif

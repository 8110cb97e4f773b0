/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_WORKERS_H
#define RUN_WORKERS_H

#include <stddef.h>

#include "base/err.h"

/*
 * Runs work in child processes, a limited number at a time. A child must write its results to a
 * file, since its memory is lost.
 */
enum { WORKERS_LIMIT = 6 };

struct workers {
	unsigned limit;                             /* children at a time, 1 to WORKERS_LIMIT */
	void (*work)(void *argument, size_t index); /* runs in the child */
	void (*done)(void *argument,
			size_t index); /* runs in the parent after the child has ended in any way */
	void *argument;
};

/* The number of children at a time: TEXT, or if that is NULL, EACH for each processor up to
 * LIMIT. */
int workers_wanted(
		const char *text, unsigned each, unsigned limit, unsigned *wanted, struct err *err);

/* Does the work with the indices 0 to COUNT - 1. On a signal it ends the children, waits for
 * them, and returns -EINTR. */
int workers_run(const struct workers *workers, size_t count, struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "run/execute.h"

/* The progress of a run on standard error: on a terminal one line that is overwritten, otherwise
 * a line for each check. */
struct progress {
	bool terminal, shown;
	char prefix[64]; /* in front of each line: the defect, or "" */
	char check[64];
	size_t index, total;
	int64_t started_ms;
};

struct progress progress_begin(const char *prefix);

/* The callbacks for a run. PROGRESS must outlive it. */
struct run_events progress_events(struct progress *progress);

/* Removes the line from the terminal. */
void progress_clear(struct progress *progress);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_DIAGNOSTICS_H
#define BASE_DIAGNOSTICS_H

#include <stddef.h>

/* All that is wrong with files that a person wrote, collected so that one run reports all of it.
 * A line each: FILE:LINE:COLUMN: what is wrong and what to do. */
struct diagnostics {
	char **lines;
	size_t count;
};

void diagnostic_add(struct diagnostics *diagnostics, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

void diagnostics_free(struct diagnostics *diagnostics);
void cleanup_diagnostics(struct diagnostics *diagnostics);

#endif

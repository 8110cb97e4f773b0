/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_DIAGNOSTICS_H
#define BASE_DIAGNOSTICS_H

#include <stddef.h>

/* All errors in files that people write, collected so that one run reports every error. One line
 * each: FILE:LINE:COLUMN: the error and how to correct it. */
struct diagnostics {
	char **lines;
	size_t count;
};

void diagnostic_add(struct diagnostics *diagnostics, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

void diagnostics_free(struct diagnostics *diagnostics);
void cleanup_diagnostics(struct diagnostics *diagnostics);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void take_line(struct faults *faults, char *line)
{
	faults->lines = realloc(faults->lines, (faults->count + 1) * sizeof(*faults->lines));
	if (!faults->lines)
		abort();
	faults->lines[faults->count++] = line;
}

void fault_add(struct faults *faults, const char *format, ...)
{
	va_list args;
	char *line;

	va_start(args, format);
	if (vasprintf(&line, format, args) < 0)
		abort();
	va_end(args);
	take_line(faults, line);
}

void faults_free(struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		free(faults->lines[i]);
	free(faults->lines);
	*faults = (struct faults){ 0 };
}

void cleanup_faults(struct faults *faults)
{
	faults_free(faults);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void take_line(struct diagnostics *diagnostics, char *line)
{
	diagnostics->lines = realloc(
			diagnostics->lines, (diagnostics->count + 1) * sizeof(*diagnostics->lines));
	if (!diagnostics->lines)
		abort();
	diagnostics->lines[diagnostics->count++] = line;
}

void diagnostic_add(struct diagnostics *diagnostics, const char *format, ...)
{
	va_list args;
	char *line;

	va_start(args, format);
	if (vasprintf(&line, format, args) < 0)
		abort();
	va_end(args);
	take_line(diagnostics, line);
}

void diagnostics_free(struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++)
		free(diagnostics->lines[i]);
	free(diagnostics->lines);
	*diagnostics = (struct diagnostics){ 0 };
}

void cleanup_diagnostics(struct diagnostics *diagnostics)
{
	diagnostics_free(diagnostics);
}

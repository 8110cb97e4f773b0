/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "exchange/export_internal.h"

/* The name of an interface is whatever its driver or a person chose: "no" and "1e3" need quotes. */
void export_quote(const char *text, FILE *out)
{
	CLEANUP(cleanup_free) char *clean = NULL;
	size_t length;
	FILE *memory = open_memstream(&clean, &length);

	if (!memory)
		abort();
	escape_terminal(text, memory);
	if (fclose(memory) != 0)
		abort();
	fputc('"', out);
	for (const char *c = clean; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
	fputc('"', out);
}

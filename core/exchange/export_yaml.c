/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "exchange/export_internal.h"

/* Returns the text in a form that a file can hold, for the caller to free. */
static char *clean(const char *text)
{
	char *result = NULL;
	size_t length;
	FILE *memory = open_memstream(&result, &length);

	if (!memory)
		abort();
	escape_terminal(text, memory);
	if (fclose(memory) != 0)
		abort();
	return result;
}

bool export_can_quote(const char *text)
{
	CLEANUP(cleanup_free) char *result = clean(text);

	return !strcmp(result, text) && !strstr(text, "{{");
}

/* The driver or a person chooses the name of an interface: "no" and "1e3" need quotes. */
void export_quote(const char *text, FILE *out)
{
	CLEANUP(cleanup_free) char *result = clean(text);

	fputc('"', out);
	for (const char *c = result; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
	fputc('"', out);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/desired.h"
#include "tests/fuzz.h"

static char *print_again(const char *text)
{
	CLEANUP(cleanup_desired) struct desired_set set = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };

	desired_parse("f", text, &set, &diagnostics);
	if (diagnostics.count || set.count != 1)
		abort();
	return desired_print(&set.items[0]);
}

/* A policy file has errors with positions, or its printed form is valid and prints the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_free) char *text = strndup((const char *)data, size);
	CLEANUP(cleanup_free) char *first = NULL, *second = NULL;
	CLEANUP(cleanup_desired) struct desired_set set = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };

	desired_parse("f", text, &set, &diagnostics);
	for (size_t i = 0; i < diagnostics.count; i++) {
		if (strncmp(diagnostics.lines[i], "f:", 2) != 0)
			abort();
	}
	if (set.count != 1 || set.items[0].broken != !!diagnostics.count)
		abort();
	if (diagnostics.count)
		return 0;
	first = desired_print(&set.items[0]);
	second = print_again(first);
	if (strcmp(first, second) != 0)
		abort();
	return 0;
}

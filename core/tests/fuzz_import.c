/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "exchange/export.h"
#include "policy/import.h"
#include "tests/fuzz.h"

/* What systemd has words for comes back from it the same. */
static void there_and_back(struct desired *desired)
{
	struct pf pf = { .function.bdf = desired->selector.path };
	CLEANUP(cleanup_import) struct import import = { 0 };
	CLEANUP(cleanup_free) char *text = NULL, *before = NULL, *after = NULL;
	struct string_set left = { 0 };
	struct err err = { 0 };
	bool all;

	desired->autoprobe_given &= !desired->autoprobe; /* which it does by itself */
	if (export_text(export_format_find("systemd-link"), &(struct export){ desired, &pf }, &text,
			    &left, &err) < 0)
		return;
	all = !left.count;
	string_set_free(&left);
	if (import_read(import_format_find("systemd-link"),
			    &(struct import_source){ "f", text, strlen(text), NULL }, &import,
			    &err) < 0)
		abort();
	before = desired_print(desired);
	after = desired_print(&import.set.items[0]);
	if (all && strcmp(before, after) != 0)
		abort();
}

/* The first byte chooses the format. What is not refused prints as policy files that are right. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_import) struct import import = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length = size - !!size;
	struct err err = { 0 };
	int rc;

	text = malloc(length + 1);
	if (!text)
		abort();
	memcpy(text, data + !!size, length);
	text[length] = '\0';
	rc = import_read(import_format_at(size ? *data % 3 : 0),
			&(struct import_source){ "f", text, length, NULL }, &import, &err);
	if (rc < 0 && strncmp(err.msg, "f:", 2) != 0)
		abort();
	for (size_t i = 0; !rc && i < import.set.count; i++) {
		CLEANUP(cleanup_free) char *printed = desired_print(&import.set.items[i]);
		CLEANUP(cleanup_free) char *again = NULL;
		CLEANUP(cleanup_desired) struct desired_set set = { 0 };
		CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };

		desired_parse("f", printed, &set, &diagnostics);
		if (diagnostics.count)
			abort();
		again = desired_print(&set.items[0]);
		if (strcmp(printed, again) != 0)
			abort();
		there_and_back(&import.set.items[i]);
	}
	return 0;
}

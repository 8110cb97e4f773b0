/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "exchange/export.h"
#include "policy/import.h"
#include "tests/fuzz.h"

/* What the format can express is the same after export and import. */
static void there_and_back(const char *format, const struct desired *wanted)
{
	struct desired desired = *wanted;
	struct pf pf = { .function = { .bdf = wanted->selector.path, .netdev = "p0" } };
	CLEANUP(cleanup_import) struct import import = { 0 };
	CLEANUP(cleanup_free) char *text = NULL, *before = NULL, *after = NULL;
	struct string_set left = { 0 };
	struct err err = { 0 };
	bool all;

	if (desired.selector.by_name)
		snprintf(pf.function.netdev, sizeof(pf.function.netdev), "%.*s",
				(int)sizeof(pf.function.netdev) - 1, desired.selector.name);
	/* systemd and netplan do this by themselves. */
	desired.autoprobe_given &= !desired.autoprobe || !strcmp(format, "nmstate");
	if (export_text(export_format_find(format), &(struct export){ &desired, &pf }, &text, &left,
			    &err) < 0)
		return;
	/* An alternative name becomes the interface's own. */
	all = !left.count && strlen(desired.selector.name) < sizeof(pf.function.netdev);
	string_set_free(&left);
	if (import_read(import_format_find(format),
			    &(struct import_source){ "f", text, strlen(text), NULL }, &import,
			    &err) < 0) {
		fprintf(stderr, "%s: %s\n%s", format, err.msg, text);
		abort();
	}
	before = desired_print(&desired);
	after = desired_print(&import.set.items[0]);
	if (all && strcmp(before, after) != 0)
		abort();
}

static void check_card(const struct desired *desired)
{
	CLEANUP(cleanup_free) char *printed = desired_print(desired), *again = NULL;
	CLEANUP(cleanup_desired) struct desired_set set = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	const struct export_format *format;

	desired_parse("f", printed, &set, &diagnostics);
	if (diagnostics.count)
		abort();
	again = desired_print(&set.items[0]);
	if (strcmp(printed, again) != 0)
		abort();
	for (size_t i = 0; (format = export_format_at(i)); i++) {
		if (import_format_find(format->name))
			there_and_back(format->name, desired);
	}
}

/* Every message about a file has a position. */
static void check_lines(const struct diagnostics *diagnostics)
{
	unsigned line, column;

	for (size_t i = 0; i < diagnostics->count; i++) {
		if (sscanf(diagnostics->lines[i], "f:%u:%u: ", &line, &column) != 2)
			abort();
	}
}

/* The first byte selects the format, '0' to '5'; from 'p' on it also selects a node. What is not
 * refused prints as valid policy files, each with its own name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_import) struct import import = { 0 };
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length = size - !!size, formats = 0;
	struct import_source source = { "f", NULL, length, NULL };
	struct err err = { 0 };
	int rc;

	text = malloc(length + 1);
	if (!text)
		abort();
	memcpy(text, data + !!size, length);
	text[length] = '\0';
	source.text = text;
	source.node = size && *data & 0x40 ? "worker-2,role=small" : NULL;
	while (import_format_at(formats))
		formats++;
	rc = import_read(import_format_at(size ? *data % 16 % formats : 0), &source, &import, &err);
	if (rc < 0 && strncmp(err.msg, "f:", 2) != 0)
		abort();
	check_lines(&import.wrong);
	check_lines(&import.left);
	for (size_t i = 0; !rc && i < import.set.count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (!strcmp(import.set.items[i].file, import.set.items[k].file))
				abort();
		}
		check_card(&import.set.items[i]);
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats.h"

#include <string.h>

#include "base/cleanup.h"

/* The head with an empty list, which is the last member, and the checks in its place: a line each. */

int format_json(struct source *source, FILE *out)
{
	CLEANUP(cleanup_record) struct record *head = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	const struct record *value;
	const char *key;
	size_t length;

	for (size_t i = 0; record_member(source_head(source), i, &key, &value); i++) {
		if (value != record_get(source_head(source), "checks"))
			record_put(head, key, record_copy(value));
	}
	record_put(head, "checks", record_array());
	text = record_print(head);
	length = strlen(text) - strlen("]}");
	fwrite(text, 1, length, out);
	for (size_t i = 0; i < source_length(source); i++) {
		fputs(i ? ",\n" : "\n", out);
		if (source_print(source, i, out) < 0)
			break;
	}
	fputs("\n]}\n", out);
	return source_printed(source, out);
}

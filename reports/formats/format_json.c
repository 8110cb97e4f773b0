/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats_internal.h"

#include <string.h>

#include "base/cleanup.h"

/* Prints the head with an empty list, its last member, and the checks in place of the list, one
 * per line. */

int format_json(struct results_reader *reader, const struct format_options *options, FILE *out)
{
	CLEANUP(cleanup_record) struct record *head = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	const struct record *value;
	const char *key;
	size_t length;

	(void)options;
	for (size_t i = 0; record_member(reader_head(reader), i, &key, &value); i++) {
		if (value != record_get(reader_head(reader), "checks"))
			record_put(head, key, record_copy(value));
	}
	record_put(head, "checks", record_array());
	text = record_print(head);
	length = strlen(text) - strlen("]}");
	fwrite(text, 1, length, out);
	for (size_t i = 0; i < reader_length(reader); i++) {
		fputs(i ? ",\n" : "\n", out);
		if (reader_print(reader, i, out) < 0)
			break;
	}
	fputs("\n]}\n", out);
	return reader_flush(reader, out);
}

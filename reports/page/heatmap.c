/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/page/heatmap.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"

/* The cells keep the letters, which say what colour says to those who see it. */

enum { ROWS_LIMIT = 1000, LISTENERS_LIMIT = 64 };

static const struct {
	char letter;
	const char *class, *meaning;
} cells[] = {
	{ 'L', "leak", "a leak" },
	{ 'M', "missing", "not heard, and should be" },
	{ 'h', "heard", "heard, as it may be" },
	{ '.', "silent", "silent" },
	{ '-', "self", "the sender itself" },
};

static const char *class_of(char letter)
{
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		if (cells[i].letter == letter)
			return cells[i].class;
	}
	return NULL;
}

/* Whether every row has a known letter for each listener. */
static bool is_matrix(const struct record *matrix)
{
	const struct record *rows = record_get(matrix, "rows");
	size_t listeners = record_length(record_get(matrix, "listeners"));

	if (!listeners || listeners > LISTENERS_LIMIT || !record_length(rows) ||
			record_length(rows) > ROWS_LIMIT)
		return false;
	for (size_t i = 0; i < record_length(rows); i++) {
		const char *heard = record_str(record_at(rows, i), "heard", "");

		if (strlen(heard) != listeners)
			return false;
		for (; *heard; heard++) {
			if (!class_of(*heard))
				return false;
		}
	}
	return true;
}

static void print_head(const struct record *listeners, FILE *out)
{
	fputs("<thead><tr><th scope=\"col\">VLANs</th><th scope=\"col\">From</th><th "
	      "scope=\"col\">To</th>",
			out);
	for (size_t i = 0; i < record_length(listeners); i++) {
		fputs("<th scope=\"col\"><bdi>", out);
		escape_markup(record_text(record_at(listeners, i)), out);
		fputs("</bdi></th>", out);
	}
	fputs("</tr></thead>", out);
}

static void print_row(const struct record *row, FILE *out)
{
	static const char *const names[] = { "vlans", "from", "to" };

	fputs("<tr>", out);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		fputs("<td><bdi>", out);
		escape_markup(record_str(row, names[i], ""), out);
		fputs("</bdi></td>", out);
	}
	for (const char *c = record_str(row, "heard", ""); *c; c++)
		fprintf(out, "<td class=\"%s\">%c</td>", class_of(*c), *c);
	fputs("</tr>\n", out);
}

bool heatmap_print(const struct record *fact, FILE *out)
{
	CLEANUP(cleanup_record) struct record *matrix = NULL;
	const char *text = record_str(fact, "value", NULL);
	const struct record *rows;

	if (!text || strcmp(record_str(fact, "name", ""), "matrix") != 0 ||
			record_parse("matrix", text, strlen(text), &matrix, NULL) < 0 ||
			!is_matrix(matrix))
		return false;
	fputs("<table class=\"heatmap\"><caption>Who heard whom:", out);
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
		fprintf(out, "%s <span class=\"%s\">%c</span> %s", i ? "," : "", cells[i].class,
				cells[i].letter, cells[i].meaning);
	fputs("</caption>", out);
	print_head(record_get(matrix, "listeners"), out);
	fputs("<tbody>\n", out);
	rows = record_get(matrix, "rows");
	for (size_t i = 0; i < record_length(rows); i++)
		print_row(record_at(rows, i), out);
	fputs("</tbody></table>\n", out);
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct table {
	size_t columns, count; /* COUNT cells; the first row is the headings */
	char **cells;
};

static void take_cell(struct table *table, char *text)
{
	if ((table->count & (table->count - 1)) == 0) {
		size_t room = table->count ? 2 * table->count : 1;

		table->cells = realloc(table->cells, room * sizeof(*table->cells));
		if (!table->cells)
			abort();
	}
	for (unsigned char *c = (unsigned char *)text; *c; c++)
		*c = *c < 0x20 || *c == 0x7f ? '?' : *c;
	table->cells[table->count++] = text;
}

struct table *table_new(size_t columns, const char *const headings[])
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		abort();
	table->columns = columns;
	for (size_t i = 0; i < columns; i++)
		table_cell(table, "%s", headings[i]);
	return table;
}

void table_cell(struct table *table, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	take_cell(table, text);
}

/* Counts characters, not bytes: continuation bytes of UTF-8 have no width. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t widest = 0;

	for (size_t i = column; i < table->count; i += table->columns) {
		size_t width = width_of(table->cells[i]);

		widest = width > widest ? width : widest;
	}
	return widest;
}

void table_print(const struct table *table, FILE *out)
{
	size_t *widths = calloc(table->columns, sizeof(*widths));

	if (!widths)
		abort();
	for (size_t column = 0; column < table->columns; column++)
		widths[column] = column_width(table, column);
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;
		bool last = column + 1 == table->columns || i + 1 == table->count;

		fputs(table->cells[i], out);
		if (last)
			fputc('\n', out);
		else
			fprintf(out, "%*s", (int)(widths[column] - width_of(table->cells[i]) + 2),
					"");
	}
	free(widths);
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

void cleanup_table(struct table **table)
{
	table_free(*table);
}

void text_print_safe(const char *text, FILE *out)
{
	for (; *text; text++)
		fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

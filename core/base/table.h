/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Rows of text cells in aligned columns, for people. Copies the cells; shows control characters,
 * which a terminal could obey, as '?'. Building a table ends the program when memory runs out.
 */
struct table;

struct table *table_new(size_t columns, const char *const headings[]);
void table_cell(struct table *table, const char *format, ...)
		__attribute__((format(printf, 2, 3))); /* fills the rows from the left */
void table_print(const struct table *table, FILE *out);
void table_free(struct table *table);
void cleanup_table(struct table **table);

/* Writes TEXT to OUT with control characters shown as '?': for text from a card or a file. */
void text_print_safe(const char *text, FILE *out);

#endif

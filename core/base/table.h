/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Rows of text cells in aligned columns, for people. Cells are copied; what a terminal could take
 * for a command (control characters) is shown as '?'. Building ends the program when memory runs
 * out.
 */
struct table;

struct table *table_new(size_t columns, const char *const headings[]);
void table_cell(struct table *table, const char *format, ...)
		__attribute__((format(printf, 2, 3))); /* fills rows from the left */
void table_print(const struct table *table, FILE *out);
void table_free(struct table *table);
void cleanup_table(struct table **table);

/* TEXT to OUT with control characters shown as '?': for a card's or a file's own words. */
void text_print_safe(const char *text, FILE *out);

#endif

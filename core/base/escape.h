/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdio.h>

/*
 * Writes foreign text (a card's firmware string, a line of a kernel's log) for people or programs to read. In every form
 * U+FFFD replaces control characters, characters that reverse the direction of writing, and bytes that are
 * not UTF-8: XML 1.0 cannot express control characters and a terminal may obey them, and a reversed
 * direction makes a report read as something else. NULL text is empty.
 */

/* How foreign text is written: one of the functions below. */
typedef void escape_fn(const char *text, FILE *out);

/* For element content and quoted attributes of XML and HTML alike. A newline and a tab stay. */
void escape_markup(const char *text, FILE *out);

/* For one line of a terminal: newline and tab are spaces. */
void escape_terminal(const char *text, FILE *out);

/* For one line or table cell of Markdown, as GitHub and GitLab read it. */
void escape_markdown(const char *text, FILE *out);

#endif

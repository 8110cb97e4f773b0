/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_TEXT_ESCAPE_H
#define REPORTS_TEXT_ESCAPE_H

#include <stdio.h>

/*
 * Foreign text (a card's firmware string, a kernel's log line) on its way into a report. In every
 * form a control character, a character that turns the direction of writing around, and a byte that
 * is not UTF-8 become U+FFFD: XML 1.0 has no way to write the first, a terminal may obey them, and
 * the second make a report read as something it does not say. NULL text is empty.
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

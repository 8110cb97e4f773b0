/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Writes untrusted text (a firmware string of a card, a line of a kernel log) for people or
 * programs to read. Every form puts U+FFFD in place of control characters, characters that change
 * the direction of writing, and bytes that are not UTF-8: XML 1.0 cannot express control
 * characters, a terminal may obey them, and a changed direction makes a report read differently.
 * NULL is written as empty text.
 */

/* Whether every form writes TEXT with all its characters: one line of UTF-8 without any that U+FFFD
 * would take the place of. */
bool escape_is_exact(const char *text);

/* One of the functions below. */
typedef void escape_fn(const char *text, FILE *out);

/* For element content and quoted attributes in both XML and HTML. Keeps newlines and tabs. */
void escape_markup(const char *text, FILE *out);

/* For one line on a terminal: newlines and tabs become spaces. */
void escape_terminal(const char *text, FILE *out);

/* For one line or table cell of Markdown, as GitHub and GitLab read it. */
void escape_markdown(const char *text, FILE *out);

#endif

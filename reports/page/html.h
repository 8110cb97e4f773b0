/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_PAGE_HTML_H
#define REPORTS_PAGE_HTML_H

#include <stdio.h>

#include "reports/results/capability.h"

/* The smallest pieces that the page is made of. */

/* printf() for markup: every %s is foreign text and is escaped. There are also %d, %zu, %lld, %f
 * and %g with their flags, and nothing else. */
void html_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A word on a colour, with a glyph: the three say the same. CLASS is one of page.css. */
void html_chip(FILE *out, const char *class, const char *glyph, const char *word);

void html_verdict(FILE *out, enum verdict verdict);
void html_state(FILE *out, enum capability_state state);

/* Of a capability's state: its class, its glyph, and a word short enough for a cell. */
const char *html_state_class(enum capability_state state);
const char *html_state_glyph(enum capability_state state);
const char *html_state_word(enum capability_state state);

/* A line of a list of facts; nothing where VALUE is no scalar. */
void html_fact(FILE *out, const char *name, const struct record *value);

#endif

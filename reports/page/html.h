/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_PAGE_HTML_H
#define REPORTS_PAGE_HTML_H

#include <stdio.h>

#include "reports/results/capability.h"

/* The smallest building blocks of the page. */

/* printf() for markup: every %s is untrusted text and is escaped. It also takes %d, %zu, %lld,
 * %f and %g with their flags, and nothing else. */
void html_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints a word on a colour with a glyph: all three say the same. CLASS is one of page.css. */
void html_chip(FILE *out, const char *class, const char *glyph, const char *word);

void html_verdict(FILE *out, enum verdict verdict);
void html_state(FILE *out, enum capability_state state);

/* The class and the glyph of a capability's state, and a word short enough for a cell. */
const char *html_state_class(enum capability_state state);
const char *html_state_glyph(enum capability_state state);
const char *html_state_word(enum capability_state state);

/* Prints a line of a list of facts; prints nothing if VALUE is not a scalar. */
void html_fact(FILE *out, const char *name, const struct record *value);

#endif

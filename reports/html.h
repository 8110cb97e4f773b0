/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_HTML_H
#define REPORTS_HTML_H

#include <stdio.h>

#include "reports/source.h"

/* The pieces of the HTML report. */

/* A word on the colour of a verdict, with its glyph. */
void html_chip(int verdict, const char *word, FILE *out);

/* What was certified, on what, when. */
void html_facts(const struct record *results, FILE *out);

/* The checks that fail, are broken or changed, each with a link to its row. */
void html_attention(struct source *source, FILE *out);

/* The row of one check. */
void html_check(const struct record *check, FILE *out);

#endif

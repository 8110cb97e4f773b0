/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_FORMATS_H
#define REPORTS_FORMATS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/record.h"

/* Results in the forms that people and pipelines read. Each returns 0, or -errno when OUT could
 * not be written. */
int format_terminal(const struct record *results, bool colour, FILE *out);
int format_markdown(const struct record *results, FILE *out);
int format_junit(const struct record *results, FILE *out);
int format_html(const struct record *results, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_FORMATS_FORMATS_H
#define REPORTS_FORMATS_FORMATS_H

#include <stdbool.h>
#include <stdio.h>

#include "reports/results/profile.h"
#include "reports/results/source.h"

/* Results in the forms that people and pipelines read. Each returns 0, or -errno when OUT could not be
 * written or SOURCE not be read. */
int format_terminal(struct source *source, bool colour, FILE *out);
int format_markdown(struct source *source, FILE *out); /* a step summary: at most 1 MiB */
int format_junit(struct source *source, FILE *out);
int format_ktap(struct source *source, FILE *out);
int format_prometheus(struct source *source, FILE *out);
int format_json(struct source *source, FILE *out); /* as results.json, on fewer lines */

/* The page of one run (reports/page/page.h). */
int format_html(struct source *source, const struct profile *profile, FILE *out);

/* ORIGIN is the name of the CI system, as the database knows it: letters a-z, digits, '_'. */
int format_kcidb(struct source *source, const char *origin, FILE *out);

#endif

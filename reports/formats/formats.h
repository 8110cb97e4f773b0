/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_FORMATS_FORMATS_H
#define REPORTS_FORMATS_FORMATS_H

#include <stdbool.h>
#include <stdio.h>

#include "reports/results/certification_profile.h"
#include "reports/results/results_reader.h"

/* Results in the forms that people and pipelines read. Each returns 0, or -errno when OUT could not be
 * written or READER not be read. */
int format_terminal(struct results_reader *reader, bool colour, FILE *out);
int format_markdown(struct results_reader *reader, FILE *out); /* a step summary: at most 1 MiB */
int format_junit(struct results_reader *reader, FILE *out);
int format_ktap(struct results_reader *reader, FILE *out);
int format_prometheus(struct results_reader *reader, FILE *out);
int format_json(struct results_reader *reader, FILE *out); /* as results.json, on fewer lines */

/* The page of one run (reports/page/page.h). */
int format_html(struct results_reader *reader, const struct certification_profile *profile,
		FILE *out);

/* ORIGIN is the name of the CI system, as the database knows it: letters a-z, digits, '_'. */
int format_kcidb(struct results_reader *reader, const char *origin, FILE *out);

#endif

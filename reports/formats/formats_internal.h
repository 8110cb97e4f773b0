/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_FORMATS_FORMATS_INTERNAL_H
#define REPORTS_FORMATS_FORMATS_INTERNAL_H

#include "reports/formats/formats.h"

/* The print functions of the formats; each has its own file. */
typedef int format_fn(
		struct results_reader *reader, const struct format_options *options, FILE *out);

format_fn format_html, format_json, format_junit, format_kcidb, format_ktap, format_markdown,
		format_prometheus, format_terminal;

#endif

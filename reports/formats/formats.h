/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_FORMATS_FORMATS_H
#define REPORTS_FORMATS_FORMATS_H

#include <stdbool.h>
#include <stdio.h>

#include "reports/results/certification_profile.h"
#include "reports/results/results_reader.h"

/* Settings that some formats need besides the results. */
struct format_options {
	const struct certification_profile *profile; /* html: whose capabilities to show */
	const char *origin; /* kcidb: the name of the CI system in the database: a-z, 0-9, '_' */
	bool colour;        /* terminal */
};

/* A format in which people or programs read results. */
struct format {
	const char *name;       /* for --format */
	const char *file;       /* its file name in a folder of results */
	const char *media_type; /* RFC 6838 */
	const char *help;       /* who reads it, in one line */
	bool of_a_run;          /* vfcert run writes it to its folder */
	/* Returns 0, or -errno if OUT cannot be written or READER fails to read. */
	int (*print)(struct results_reader *reader, const struct format_options *options,
			FILE *out);
};

/* The last one has no name. */
extern const struct format formats[];

/* The format with that name of LENGTH bytes, or NULL. */
const struct format *format_find(const char *name, size_t length);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include <stdio.h>

#include "data/record.h"
#include "reports/formats/formats.h"

/* A folder of results. */

#define OUTPUT_RESULTS "results.json"
#define OUTPUT_PROOF   "proof.json"
#define OUTPUT_VARY    "vary.json"

/* Creates FOLDER if it does not exist. -EINVAL if it contains anything but earlier results of
 * vfcert, so that no other file is overwritten. */
int output_claim(const char *folder, struct err *err);

/* Opens results for reading; PATH is the folder of a run, or its results.json. */
int output_open(const char *path, struct results_reader **reader, struct err *err);

/* Writes only results.json and identity.json, in canonical form, which can be signed. Before the
 * run this replaces earlier results, which could be mistaken for those of an interrupted run. */
int output_write_results(const char *folder, const struct record *results, struct err *err);

/* Writes all forms: results.json, identity.json, junit.xml, results.ktap, summary.md,
 * metrics.prom, report.html with the capabilities of PROFILE, and console.log unless CONSOLE is
 * NULL. */
int output_write(const char *folder, const struct record *results, const char *console,
		const struct certification_profile *profile, struct err *err);

/* Writes the output of PRINT to the file NAME in the folder. */
int output_write_printed(const char *folder, const char *name,
		int (*print)(const struct record *record, FILE *out), const struct record *record,
		struct err *err);

/* Writes a format of results to a file; on failure the file stays as it was. */
int output_write_format(const char *path, const struct format *format,
		const struct format_options *options, struct results_reader *reader,
		struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include <stdio.h>

#include "base/record.h"
#include "reports/formats/formats.h"

/* A folder of results: what is in it, and who may replace it. */

#define OUTPUT_RESULTS "results.json"
#define OUTPUT_PROOF   "proof.json"
#define OUTPUT_VARY    "vary.json"

/* Makes the folder FOLDER where it is absent. One that holds anything but a former result of vfcert is
 * -EINVAL: nothing of the user's is written over. */
int output_claim(const char *folder, struct err *err);

/* Writes results.json and identity.json alone, in canonical form, so that they can be signed: before the run, so that whatever ends it leaves no
 * former result that reads like this one's. */
int output_write_results(const char *folder, const struct record *results, struct err *err);

/* All forms: results.json, identity.json, junit.xml, results.ktap, summary.md, metrics.prom,
 * report.html with the capabilities of PROFILE, and console.log where CONSOLE is not NULL. */
int output_write(const char *folder, const struct record *results, const char *console,
		const struct certification_profile *profile, struct err *err);

/* Writes what PRINT prints to the file of that name in the folder. */
int output_write_printed(const char *folder, const char *name,
		int (*print)(const struct record *record, FILE *out), const struct record *record,
		struct err *err);

/* Writes a format of results to a file, which is whole or as it was. */
int output_write_format(const char *path, const struct format *format,
		const struct format_options *options, struct results_reader *reader,
		struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_SOURCE_H
#define REPORTS_RESULTS_SOURCE_H

#include <stdio.h>

#include "reports/results/results.h"

/*
 * Results as the formats read them: one check at a time, so that of a file of a million checks little more
 * than their ids is in memory. What is counted is counted when it is opened.
 */
struct source;

/* The checks of one suite. */
struct tally {
	char *suite;
	size_t total, counts[VERDICTS];
	double seconds;
};

/* Of results in memory, which stay the caller's. */
struct source *source_of(const struct record *results);

/* Of a file from anywhere: it is read once and validated as results_validate() does. */
int source_open(const char *path, struct source **source, struct err *err);
void source_free(struct source *source);
void cleanup_source(struct source **source);

/* The results without their checks: schema, run, identity, summary. */
const struct record *source_head(const struct source *source);

size_t source_length(const struct source *source); /* in checks */
size_t source_count(const struct source *source, enum result verdict);

/* As results_good(). */
bool source_good(const struct source *source);

/* One for each suite, in the order of the first check of each. */
const struct tally *source_tallies(const struct source *source, size_t *count);

/* Of the check at INDEX, without parsing it: its id, where its evidence is from, its verdict (broken
 * where the word is none), the index of its suite, and its times in seconds. */
const char *source_id(const struct source *source, size_t index);
const char *source_origin(const struct source *source, size_t index);
enum result source_verdict(const struct source *source, size_t index);
size_t source_suite(const struct source *source, size_t index);
struct source_times {
	float duration, kernel;
	float at; /* since the run began; below 0: unknown */
};
struct source_times source_times(const struct source *source, size_t index);

/* Its text as JSON on one line or more, in results of a file as it stands there. */
int source_print(struct source *source, size_t index, FILE *out);

/* The check itself, until the next call. Where the file has changed meanwhile it is NULL, which reads
 * as an empty record, and source_error() has the cause. */
const struct record *source_check(struct source *source, size_t index);
int source_error(const struct source *source, struct err *err);

/* What a format returns when it has printed all to OUT: 0, or -errno of reading or of writing. */
int source_printed(const struct source *source, FILE *out);

#endif

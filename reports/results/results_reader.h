/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_RESULTS_READER_H
#define REPORTS_RESULTS_RESULTS_READER_H

#include <stdio.h>

#include "reports/results/results.h"

/*
 * Reads results one check at a time, so that a file with a million checks takes little more memory
 * than their ids. It counts the verdicts when it opens the results.
 */
struct results_reader;

/* The checks of one suite. */
struct suite_totals {
	char *suite;
	size_t total, counts[VERDICTS];
	double seconds;
};

/* Reads results in memory, which the caller keeps and frees. */
struct results_reader *reader_from_record(const struct record *results);

/* Validates results in memory. The message of -EINVAL says what is wrong, and where. */
int results_validate(const struct record *results, struct err *err);

/* Reads and validates a file, once; it may come from anyone. */
int reader_open(const char *path, struct results_reader **reader, struct err *err);
void reader_free(struct results_reader *reader);
void cleanup_reader(struct results_reader **reader);

/* The results without their checks: schema, run, identity, summary. */
const struct record *reader_head(const struct results_reader *reader);

size_t reader_length(const struct results_reader *reader); /* in checks */
size_t reader_count(const struct results_reader *reader, enum verdict verdict);

/* As results_good(). */
bool reader_good(const struct results_reader *reader);

/* One entry per suite, in the order of the first check of each. */
const struct suite_totals *reader_totals(const struct results_reader *reader, size_t *count);

/* What the reader knows about the check at INDEX without parsing it: its id, origin, verdict
 * (broken if the word is not a verdict), the index of its suite, and its times in seconds. */
const char *reader_id(const struct results_reader *reader, size_t index);
const char *reader_origin(const struct results_reader *reader, size_t index);
enum verdict reader_verdict(const struct results_reader *reader, size_t index);
size_t reader_suite(const struct results_reader *reader, size_t index);
struct check_times {
	float duration, kernel;
	float at; /* since the run began; below 0: unknown */
};
struct check_times reader_times(const struct results_reader *reader, size_t index);

/* Prints the check as JSON; from a file, byte by byte as it is stored. */
int reader_print(struct results_reader *reader, size_t index, FILE *out);

/* The index of the check with that id; false if the results have no such check. */
bool reader_find(const struct results_reader *reader, const char *id, size_t *index);

/* The check itself, valid until the next call; id, suite, title and origin are never NULL. If
 * the file has changed since, the check is empty and broken, and reader_error() has the cause. */
const struct check_result *reader_check(struct results_reader *reader, size_t index);
int reader_error(const struct results_reader *reader, struct err *err);

/* The return value of a format that has printed everything to OUT: 0, or the -errno of reading
 * or writing. */
int reader_flush(const struct results_reader *reader, FILE *out);

#endif

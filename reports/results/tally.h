/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_TALLY_H
#define REPORTS_RESULTS_TALLY_H

#include <stdio.h>

#include "reports/results/results_reader.h"

/* What the formats say alike. HEAD is that of a reader, whole results, or a
 * row (matrix_row.h). */

/* What the checks of a suite come to. */
enum tally_state {
	TALLY_PASS,     /* every check passes */
	TALLY_PARTIAL,  /* nothing unexpected, but some are skipped or known to fail */
	TALLY_FAILED,   /* a check fails, or the quirks no longer describe the card */
	TALLY_BROKEN,   /* the rig or a check was at fault: nothing can be said */
	TALLY_UNTESTED, /* no check could run */
};
enum tally_state tally_state(const struct tally *tally);

/* How a piece of foreign text is written: one of escape.h. */
#define TALLY_ESCAPE void (*escape)(const char *text, FILE *out)

/* The whole run in one line: "Passed: 52 of 56 checks pass, ...", or why it does not count. The
 * counts are what stands behind the colon. */
void tally_headline(const struct results_reader *reader, TALLY_ESCAPE, FILE *out);
void tally_counts(const struct results_reader *reader, TALLY_ESCAPE, FILE *out);

/* "82576 Gigabit Network Connection (8086:10c9)", as far as it is known. */
void tally_card(const struct record *head, TALLY_ESCAPE, FILE *out);

/* In a sentence, whether what was certified is an emulation or silicon. */
const char *tally_origin(const struct record *head);

/* The value of a piece of evidence as people write it: a text without quotes, and its unit. */
void tally_fact(const struct record *fact, TALLY_ESCAPE, FILE *out);

/* Whether the run came to its end. */
bool tally_complete(const struct record *head);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_TALLY_H
#define REPORTS_TALLY_H

#include <stdio.h>

#include "reports/results.h"

/* What the formats count and say alike. */

/* The checks of one suite, which is one column of the matrix. */
struct tally {
	const char *suite; /* lives as long as the results */
	size_t total, counts[VERDICTS];
};

/* One for each suite, in the order of the first check of each. The caller frees *TALLIES. */
size_t tally_suites(const struct record *results, struct tally **tallies);

/* What a cell of the matrix says. */
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
void tally_headline(const struct record *results, TALLY_ESCAPE, FILE *out);
void tally_counts(const struct record *results, TALLY_ESCAPE, FILE *out);

/* "82576 Gigabit Network Connection (8086:10c9)", as far as it is known. */
void tally_card(const struct record *results, TALLY_ESCAPE, FILE *out);

/* In a sentence, whether what was certified is an emulation or silicon. */
const char *tally_origin(const struct record *results);

#endif

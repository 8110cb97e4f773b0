/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_MATRIX_ROW_H
#define REPORTS_RESULTS_MATRIX_ROW_H

#include "reports/results/certification_profile.h"
#include "reports/results/results_reader.h"

/*
 * A run as a row of the matrix: everything that the matrix shows of it before it is opened.
 *
 *   {"card":{},"software":{},"platform":{},"rig":{},          from the identity
 *    "run":{"started","complete","why","duration_s","command","version"},
 *    "good":bool, "summary":{},
 *    "capabilities":[{"id","state","reason","pass","total"}],  from capability_assess(); how many
 *                                                              of its checks pass, out of all
 *    "lacking":N}                                              capabilities for whose state
 *                                                              checks did not run
 */
struct record *matrix_row_build(
		struct results_reader *reader, const struct certification_profile *profile);

/* The two keys of a row: the card with its origin, and the environment of the test, which is
 * software and platform. Rows with the same keys are runs of one combination, of which one counts:
 * the latest of those that lack the fewest. The caller frees the text. */
char *matrix_row_card(const struct record *row);
char *matrix_row_environment(const struct record *row);

/* Orders rows by card, then by environment, in which numbers compare as numbers ("6.9" before
 * "6.12"), then runs that lack less, then later runs first. */
int matrix_row_compare(const struct record *a, const struct record *b);

#endif

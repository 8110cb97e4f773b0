/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_ROW_H
#define REPORTS_RESULTS_ROW_H

#include "reports/results/certification_profile.h"
#include "reports/results/results_reader.h"

/*
 * A run as a row of the matrix, which is all that must be known of it as long as nobody looks closer:
 *
 *   {"card":{},"software":{},"platform":{},"rig":{},          of the identity
 *    "run":{"started","complete","why","duration_s","command","version"},
 *    "good":bool, "summary":{},
 *    "capabilities":[{"id","state","reason","pass","total"}]}  of capability_assess(); of its checks
 *                                                              how many pass
 */
struct record *row_of(struct results_reader *reader, const struct certification_profile *profile);

/* What tells rows apart: the card with its origin; and, of one card, software and platform. Rows with
 * both the same are of one combination, of which the last run counts. For the caller to free. */
char *row_card(const struct record *row);
char *row_setting(const struct record *row);

/* The order of rows: by card, then by setting, where numbers in it count as numbers ("6.9" before
 * "6.12"), then the later run first. */
int row_compare(const struct record *a, const struct record *b);

#endif

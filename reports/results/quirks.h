/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_QUIRKS_H
#define REPORTS_RESULTS_QUIRKS_H

#include <stdbool.h>

#include "data/ini.h"
#include "reports/results/check_result.h"

/*
 * Known deviations of cards, drivers and platforms (fixtures/quirks/README.md). They are applied
 * after a run: a fail that a quirk predicts becomes "known", a pass where a quirk predicts a
 * failure becomes "changed". Checks know nothing about quirks.
 */
struct quirks;

/* Loads all *.ini files of the folder, in the order of their names. */
int quirks_load(const char *folder, struct quirks **quirks, struct err *err);
void quirks_free(struct quirks *quirks);
void cleanup_quirks(struct quirks **quirks);

/* The same digest as of `LC_ALL=C; sha256sum *.ini | sha256sum` in the folder. */
const char *quirks_digest(const struct quirks *quirks);

/* Whether a quirk predicts that the check fails on emulated cards, as it has been seen to do. */
bool quirks_predict(const struct quirks *quirks, const char *check);

/* Changes the verdict of a check of RESULTS as the first matching quirk says. Sets quirk to its
 * id, and the reason to the quirk's text and its source; keeps the check's own reason as observed.
 * QUIRKS may be NULL, and must outlive the result. */
void quirks_apply(const struct quirks *quirks, const struct record *results,
		struct check_result *check);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_QUIRKS_H
#define REPORTS_RESULTS_QUIRKS_H

#include <stdbool.h>

#include "data/ini.h"
#include "reports/results/check_result.h"

/*
 * Known deviations of cards, drivers and platforms (fixtures/quirks/README.md). They are applied
 * after a run: a fail that a quirk predicts becomes "known", a pass where a quirk predicts a
 * failure becomes "changed". A check never knows about quirks.
 */
struct quirks;

/* All *.ini files of the folder, in the order of their names. */
int quirks_load(const char *folder, struct quirks **quirks, struct err *err);
void quirks_free(struct quirks *quirks);
void cleanup_quirks(struct quirks **quirks);

/* As `LC_ALL=C; sha256sum *.ini | sha256sum` gives it in the folder. */
const char *quirks_digest(const struct quirks *quirks);

/* Whether a quirk predicts that the check fails on emulated cards: it has been seen to fail there. */
bool quirks_predict(const struct quirks *quirks, const char *check);

/* Changes the verdict of a check of RESULTS as the first quirk that fits says, sets quirk to its id and the
 * reason to what it says and where that is from, and keeps the check's own reason as observed. QUIRKS may
 * be NULL; the result must not outlive them. */
void quirks_apply(const struct quirks *quirks, const struct record *results,
		struct check_result *check);

#endif

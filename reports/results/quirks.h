/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_QUIRKS_H
#define REPORTS_RESULTS_QUIRKS_H

#include <stdbool.h>

#include "base/ini.h"
#include "base/record.h"

/*
 * Known deviations of cards, drivers and platforms (fixtures/quirks/README.md). They are applied
 * after a run: a fail that a quirk foretells becomes "known", a pass where a quirk promised a
 * failure becomes "changed". A check never knows about quirks.
 */
struct quirks;

/* All *.ini files of the folder, in the order of their names. */
int quirks_load(const char *folder, struct quirks **quirks, struct err *err);
void quirks_free(struct quirks *quirks);
void cleanup_quirks(struct quirks **quirks);

/* SHA-256 of the files. */
const char *quirks_digest(const struct quirks *quirks);

/* Whether a quirk foretells that the check fails on emulated cards: it has been seen to fail there. */
bool quirks_foretell(const struct quirks *quirks, const char *check);

/* Changes the verdicts of RESULTS, sets "quirk" to the quirk's id and the reason to what it says and
 * where that is from, keeps the check's own reason as "observed", and counts the summary anew. */
void quirks_apply(const struct quirks *quirks, struct record *results);

/* The same for one check that stands in RESULTS; the summary stays. QUIRKS may be NULL. */
void quirks_apply_check(
		const struct quirks *quirks, const struct record *results, struct record *check);

#endif

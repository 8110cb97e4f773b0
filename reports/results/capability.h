/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_CAPABILITY_H
#define REPORTS_RESULTS_CAPABILITY_H

#include "data/record.h"
#include "reports/results/certification_profile.h"
#include "reports/results/results_reader.h"

/*
 * What the results of one run say about each capability of a profile: an array of
 *
 *   {"id","title","state","cause","reason","required":bool,"origin":"emulated|silicon",
 *    "pass":N,"total":N,"quirks":[ids of quirks]}
 *
 * pass is how many of its checks pass, total how many have a verdict.
 *
 * reason says in a sentence why the state is not "certified"; cause says it in a word:
 * "failing-check", "changed-check", "not-supported", "incomplete-run", "missing-check", "no-check",
 * "broken-check", "mixed-origin", "unsteady-check", "skipped-check", "guest-only", "quirks",
 * "stale". Both are null if the state is "certified". The results of a run are of one rig, so a row
 * is of an emulated card or of silicon, never of both: do not merge rows of different origin.
 */

enum capability_state {
	CAPABILITY_CERTIFIED,
	CAPABILITY_QUIRKS, /* certified with quirks */
	CAPABILITY_FAILED,
	CAPABILITY_STALE, /* certified for another kernel, firmware, or driver */
	CAPABILITY_NOT_TESTED,
	CAPABILITY_NOT_SUPPORTED, /* the card or its driver does not have it */
};
#define CAPABILITY_STATES 6

/* "certified", "certified with quirks", "failed", "stale", "not tested", "not supported". */
extern const char *const capability_states[CAPABILITY_STATES];

/* READER holds valid results; afterwards reader_error() says whether they could be read. */
struct record *capability_assess(
		const struct certification_profile *profile, struct results_reader *reader);

/* The state of an entry of such an array; CAPABILITY_NOT_TESTED for anything else. */
enum capability_state capability_state(const struct record *entry);

/* The entry with that id in the array, or NULL. */
const struct record *capability_find(const struct record *array, const char *id);

/* The first member of "software" in which the identity NOW differs from the CERTIFIED one:
 * "kernel", "firmware", "driver", or "driver_version"; NULL if there is none. */
const char *capability_drift(const struct record *certified, const struct record *now);

/* If there is such a member, makes the certified capabilities in ARRAY stale. */
void capability_age(struct record *array, const struct record *certified, const struct record *now);

#endif

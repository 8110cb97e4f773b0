/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_RESULTS_H
#define REPORTS_RESULTS_RESULTS_H

#include "reports/results/check_result.h"

/*
 * The results of a run, as a record of the schema "vfcert-results/1":
 *
 *   {"schema":"vfcert-results/1", "run":{...}, "identity":{...},
 *    "summary":{"pass","fail","skip","broken","known","changed"},
 *    "checks":[check_result.h]}
 *
 * run holds "started", "complete", "why" it is not, "command", and the digests of what decided on the
 * verdicts: "suite", {"program","checks"}, the SHA-256 of vfsuite and of the list of its checks, and
 * "quirks", that of the quirk files.
 *
 * A member of a check that may be absent or null is one that struct check_result allows to be NULL or
 * unknown. Members may be added, and none changes its meaning.
 */

struct record *results_new(struct record *run, struct record *identity); /* takes both */

struct record *results_run(struct record *results); /* the member "run", for the caller to fill */

/* Adds a check and counts it in the summary. */
void results_add(struct record *results, const struct check_result *check);

size_t results_length(const struct record *results); /* in checks */

/* Whether the run came to its end: also of the head of a results_reader, and of a row of the matrix. */
bool results_complete(const struct record *results);

/* True when the run is complete, has at least one check, and none that fails, is broken, or has changed. */
bool results_good(const struct record *results);

/* Validates all but the checks, whose verdicts the caller has counted. -EINVAL names what is wrong. */
int results_validate_head(
		const struct record *results, const size_t counts[VERDICTS], struct err *err);

#endif

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
 * run holds "started", "complete", "why" it is incomplete, "command", and the digests of what the
 * verdicts depend on: "suite", {"program","checks"}, the SHA-256 of vfsuite and of the list of its
 * checks, and "quirks", that of the quirk files.
 *
 * A member of a check may be absent or null if struct check_result allows it to be NULL or unknown.
 * New versions may add members, but never change the meaning of one.
 */

struct record *results_new(struct record *run, struct record *identity); /* owns both */

struct record *results_run(struct record *results); /* the member "run", for the caller to fill */

/* Adds a check and counts it in the summary. */
void results_add(struct record *results, const struct check_result *check);

size_t results_length(const struct record *results); /* in checks */

/* Whether the run is complete; also for the head of a results_reader and a row of the matrix. */
bool results_complete(const struct record *results);

/* Whether the run is complete and has at least one check, and no check fails, is broken, or has
 * changed. */
bool results_good(const struct record *results);

/* Validates everything but the checks, whose verdicts the caller has counted. The message of
 * -EINVAL names the error. */
int results_validate_head(
		const struct record *results, const size_t counts[VERDICTS], struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_H
#define REPORTS_RESULTS_H

#include <stdio.h>

#include "base/record.h"

/*
 * The results of a run, as a record of the schema "vfcert-results/1":
 *
 *   {"schema":"vfcert-results/1", "run":{...}, "identity":{...},
 *    "summary":{"pass","fail","skip","broken","known","changed"},
 *    "checks":[{"id","suite","title","verdict","reason","quirk","origin","duration_s",
 *               "evidence":[{"name","value","unit"}]}]}
 *
 * reason, quirk and unit may be null. Further members may be added, none changes its meaning.
 * All of the text in it is untrusted and is escaped by each format.
 */

extern const char
	*const results_verdicts[6]; /* "pass" ... "changed", in the order of the summary */

struct record *results_new(struct record *run, struct record *identity); /* both taken */

/* Adds what a check found: DECLARED is the check as vfsuite lists it, RESULT what it answered. */
void results_add(struct record *results, const struct record *declared, const struct record *result,
	const char *origin);

/* Counts the verdicts into the summary. */
void results_summarize(struct record *results);
int64_t results_count(const struct record *results, const char *verdict);

/* True when the run stands for something: at least one check, none failed, broken or changed. */
bool results_good(const struct record *results);

/* -EINVAL with what is wrong, for a file from elsewhere. */
int results_validate(const struct record *results, struct err *err);

#endif

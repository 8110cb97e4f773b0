/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_RESULTS_H
#define REPORTS_RESULTS_RESULTS_H

#include <stdio.h>

#include "base/record.h"
#include "reports/results/verdict.h"

/*
 * The results of a run, as a record of the schema "vfcert-results/1":
 *
 *   {"schema":"vfcert-results/1", "run":{...}, "identity":{...},
 *    "summary":{"pass","fail","skip","broken","known","changed"},
 *    "checks":[{"id","suite","title","verdict","reason","quirk","need","origin","duration_s",
 *               "evidence":[{"name","value","unit","by"}]}]}
 *
 * run holds "started", "complete", "why" (it is not), "command", and what judged: "suite", {"program",
 * "checks"} as SHA-256 of vfsuite and of the list of its checks, and "quirks", that of their files.
 *
 * reason, quirk and unit may be null. need is there only for a skip of which it is known what was
 * lacking, by ("guest") only for what nobody but a guest has said: suites/protocol.md. at_s, where
 * it is known, is when the check began, in seconds since the run did. Further members may be added, none
 * changes its meaning.
 * All of the text in it is untrusted and is escaped by each format.
 */

/* True for a skip whose need is the card's or its driver's own lack: no other rig would make the check
 * run. */
bool results_unsupported(const struct record *check);

struct record *results_new(struct record *run, struct record *identity); /* both taken */

struct record *results_run(struct record *results); /* the member "run", to be filled */

/* Adds what a check found: DECLARED is the check as vfsuite lists it, RESULT what it answered, of
 * which only well-formed parts are taken. */
void results_add(struct record *results, const struct record *declared, const struct record *result,
		const char *origin);

/* Counts the verdicts into the summary. */
void results_summarize(struct record *results);
int64_t results_count(const struct record *results, const char *verdict);

/* Whether the run came to its end: also of the head of a results_reader, and of a row of the matrix. */
bool results_complete(const struct record *results);

/* True when the run stands for something: complete, at least one check, none failed, broken or
 * changed. */
bool results_good(const struct record *results);

/* -EINVAL with what is wrong and where, for a file from elsewhere. */
int results_validate(const struct record *results, struct err *err);

/* The same in pieces: all but the checks, whose verdicts have been counted; and the check at INDEX. That
 * no id stands there twice is for the caller to see. */
int results_validate_head(
		const struct record *results, const size_t counts[VERDICTS], struct err *err);
int results_validate_check(const struct record *check, size_t index, struct err *err);

#endif

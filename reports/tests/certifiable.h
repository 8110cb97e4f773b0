/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_TESTS_CERTIFIABLE_H
#define REPORTS_TESTS_CERTIFIABLE_H

#include "data/record.h"
#include "reports/results/certification_profile.h"

/* The records of a run and a proof on an emulated card that can be certified for PROFILE: every
 * mandatory check of the required capabilities passes. One more check fails, and one is known to
 * fail, in capabilities that the profile does not require. */
struct record *certifiable_identity(void);
struct record *certifiable_results(const struct certification_profile *profile);
struct record *certifiable_proof(void);

/* The check with that id in the results, which must exist. */
struct record *certifiable_check(struct record *results, const char *id);

/* Counts the verdicts again after a test has changed some. */
void certifiable_summarize(struct record *results);

#endif

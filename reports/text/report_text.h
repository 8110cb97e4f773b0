/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_TEXT_REPORT_TEXT_H
#define REPORTS_TEXT_REPORT_TEXT_H

#include "base/escape.h"
#include "reports/results/certification_profile.h"
#include "reports/results/results_reader.h"

/* The sentences that several formats share. HEAD is the head of a reader, whole results, or a row of the
 * matrix. */

/* What the verdicts of a suite amount to. */
enum suite_state {
	SUITE_PASS,     /* every check passes */
	SUITE_PARTIAL,  /* nothing unexpected, but some checks are skipped or known to fail */
	SUITE_FAILED,   /* a check fails, or the quirks no longer describe the card */
	SUITE_BROKEN,   /* the rig or a check is at fault, so the suite says nothing */
	SUITE_UNTESTED, /* no check could run */
};
enum suite_state suite_state(const struct suite_totals *totals);

/* Prints the run in one line: "Certifies 6 of 9 capabilities; no surprise: 52 of 56 checks pass, ...", and why
 * it ended early if it did. The first of the three parts is missing in a run that is about no capability, as
 * one of a single check; report_certified() then prints nothing and returns false. PROFILE may be NULL.
 *
 * A surprise is a check that fails, is broken, or has changed. "nothing shown": no check ran, or some were
 * skipped for what another one states, which did not fail in this run. */
void report_headline(const struct certification_profile *profile, struct results_reader *reader,
		escape_fn *escape, FILE *out);
bool report_certified(const struct certification_profile *profile, struct results_reader *reader,
		FILE *out);
void report_surprises(const struct results_reader *reader, FILE *out);
void report_counts(const struct results_reader *reader, escape_fn *escape, FILE *out);

/* Prints "82576 Gigabit Network Connection (8086:10c9)", or the part of it that is known. */
void report_card(const struct record *head, escape_fn *escape, FILE *out);

/* A sentence that says whether the certified card is emulated or silicon. */
const char *report_origin(const struct record *head);

/* Why the check has its verdict, or that no reason is given. */
const char *report_reason(const struct check_result *check);

/* Prints the value of one piece of evidence for people: text without quotes, then the unit. */
void report_fact(const struct record *fact, escape_fn *escape, FILE *out);

#endif

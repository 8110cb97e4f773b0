/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_CHECK_RESULT_H
#define REPORTS_RESULTS_CHECK_RESULT_H

#include "data/record.h"
#include "reports/results/verdict.h"

/*
 * What a check found. A result arrives as a record, from vfsuite or from results.json, and is
 * decoded once, on arrival, into this struct; nothing else reads the members of that record.
 *
 * All text in it is untrusted, and each format escapes it.
 */
struct check_result {
	const char *id;
	enum verdict verdict; /* never VERDICT_NONE in a decoded result */
	const char *reason;   /* of the verdict, or NULL */
	const char *need;     /* of a skip: what was missing (suites/protocol.md), or NULL */
	double duration_s;
	double kernel_s;               /* the part inside the kernel's own operations */
	const struct record *evidence; /* array of {"name","value","unit","by"}, or NULL */
	const struct record *log;      /* array of texts, lines of the kernel's log, or NULL */

	/* What vfsuite does not send and the controller adds. */
	const char *suite, *title;
	const char *why;      /* what goes wrong for users if the check fails, or NULL */
	const char *origin;   /* "emulated" or "silicon" */
	const char *quirk;    /* the quirk that changed the verdict, or NULL */
	const char *observed; /* the check's own reason if a quirk's replaced it, or NULL */
	double at_s; /* when the check began, since the start of the run; below 0: unknown */

	struct record *owned; /* owns what the result owns of the above, or NULL */
};

#define CHECK_RESULT_NONE ((struct check_result){ .verdict = VERDICT_NONE, .at_s = -1 })

/* The kind of record in which a result travels. */
enum check_result_form {
	CHECK_RESULT_SENT,   /* by vfsuite: suites/protocol.md */
	CHECK_RESULT_STORED, /* in results.json: results.h */
};

/* Decodes RECORD, which must outlive RESULT: the texts stay in it. -EINVAL if the form lacks a
 * member, and for a member of a wrong type, an unknown verdict, or a time below 0; the message then
 * begins with "check ID: ", and RESULT has that id, or NULL if the id itself is wrong. */
int check_result_from_record(enum check_result_form form, const struct record *record,
		struct check_result *result, struct err *err);

/* Returns a new record that shares nothing with RESULT. */
struct record *check_result_to_record(
		enum check_result_form form, const struct check_result *result);

/* Formats a text that the result owns under the name of its MEMBER, and returns it. FORMAT may
 * print the previous text of that member. */
const char *check_result_own(struct check_result *result, const char *member, const char *format,
		...) __attribute__((format(printf, 3, 4)));

/* Frees what the result owns. */
void check_result_free(struct check_result *result);

/* Whether the check was skipped because the card or its driver lacks what it needs, so that
 * another rig would not help. */
bool check_result_unsupported(const struct check_result *result);

/* Whether all evidence comes from a guest. */
bool check_result_by_guest(const struct check_result *result);

#endif

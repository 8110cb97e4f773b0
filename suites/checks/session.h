/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_SESSION_H
#define CHECKS_SESSION_H

#include "check.h"

/*
 * A session opens something costly once and judges many statements about it, one after the other.
 * It is the step of the checks that make these statements. Each check takes its verdict from the
 * session, with the evidence of the opening and its own.
 */
struct statement {
	const char *check; /* its id */
	enum verdict (*judge)(struct check_run *run, void *subject);
};

/* The step calls it to judge the COUNT statements. SUBJECT is what was opened. */
void session_try(struct check_run *run, const struct statement *statements, size_t count,
		void *subject);

/* The fn of a check whose step is a session. */
enum verdict session_verdict(struct check_run *run);

#endif

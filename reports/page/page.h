/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_PAGE_PAGE_H
#define REPORTS_PAGE_PAGE_H

#include "reports/results/certification_profile.h"
#include "reports/results/results_reader.h"

/*
 * The page: one HTML file that needs no other file and no network, and is complete without scripts.
 * With one run it is the report, with several the matrix. Its Content Security Policy allows only
 * the style and the script whose digests it names, and all untrusted text is escaped.
 */
struct page_row {
	const struct record *row; /* matrix_row.h */
	const char *results;      /* the file; if NULL, READER is set */
	struct results_reader *reader;
	const char *link; /* the run's folder relative to the page, or NULL */
	/* {"file","verify","keyid","issued","expires", "doubt": "expired" or "stale" or null}, or NULL */
	const struct record *certificate;
	const struct record *proof; /* proof.json from the same folder, or NULL */
	bool superseded; /* an earlier run of the same combination as the row before it */
};

struct page {
	const struct certification_profile *profile;
	const struct page_row *rows; /* in the order of matrix_row_compare() */
	size_t count;
	size_t left_out; /* files that could not be read */
};

int page_print(const struct page *page, FILE *out, struct err *err);

#endif

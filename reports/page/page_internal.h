/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_PAGE_PAGE_PART_H
#define REPORTS_PAGE_PAGE_PART_H

#include "reports/page/page.h"

/* The parts that page.c puts together. */

/* A page holds the evidence of at most so many checks; of a longer run, only of those that do not pass. */
#define PAGE_CHECKS_LIMIT 20000

extern const char page_letters[VERDICTS + 1]; /* one for each verdict */

/* What the elements of a row share. */
struct page_ids {
	char prefix[24]; /* of their ids: "r3." for the third row, nothing where there is one */
	char alone[200]; /* the command that runs one check there, up to its id; "": unknown */
};
struct page_ids page_ids_of(const struct page *page, size_t row);

void page_matrix(const struct page *page, FILE *out);

/* The environment of a row: the kernel, and the rest in small type. */
void page_environment(const struct record *row, FILE *out);

/* Which checks differ between rows of one card. VERDICTS is an object: of each check that is in any
 * row the verdict in each, a letter of page_letters, ' ' where it is not there. */
void page_differences(const struct page *page, const struct record *verdicts, FILE *out);

/* The outcome of the run, and whether the card is emulated. */
void page_headline(const struct record *row, struct results_reader *reader, FILE *out);

/* One run with all details. ROOM is how many checks may still be printed. */
void page_run(const struct page *page, size_t row, struct results_reader *reader, size_t *room,
		FILE *out);

/* One check, to be opened. */
void page_check(const struct check_result *check, const struct page_ids *ids, FILE *out);

/* Drawings. Each prints nothing where there is nothing to draw. */
void page_topology(const struct record *row, struct results_reader *reader, FILE *out);
void page_timeline(const struct results_reader *reader, FILE *out);
void page_proof(const struct record *proof, FILE *out);

#endif

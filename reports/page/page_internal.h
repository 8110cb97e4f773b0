/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_PAGE_PAGE_PART_H
#define REPORTS_PAGE_PAGE_PART_H

#include "reports/page/page.h"

/* The parts that page.c assembles. */

/* A page holds the evidence of at most this many checks; for a longer run, only of those that do
 * not pass. */
#define PAGE_CHECKS_LIMIT 20000

extern const char page_letters[VERDICTS + 1]; /* one for each verdict */

/* What the elements of a row have in common. */
struct page_ids {
	char prefix[24]; /* of their ids: "r3." for the third row, empty if there is only one */
	char alone[200]; /* the command that runs one check there, without its id; "": unknown */
};
struct page_ids page_ids_of(const struct page *page, size_t row);

void page_matrix(const struct page *page, FILE *out);

/* Prints the environment of a row: the kernel, and the rest in small type. */
void page_environment(const struct record *row, FILE *out);

/* Prints the checks that differ between rows of one card. VERDICTS is an object: for each
 * check that is in any row, its verdict in each row as a letter of page_letters, ' ' if the row
 * lacks it. */
void page_differences(const struct page *page, const struct record *verdicts, FILE *out);

/* Prints the outcome of the run, and whether the card is emulated. */
void page_headline(const struct page *page, size_t row, struct results_reader *reader, FILE *out);

/* Prints one run with all details. ROOM is how many checks may still be printed. */
void page_run(const struct page *page, size_t row, struct results_reader *reader, size_t *room,
		FILE *out);

/* Prints one check, which the reader can open. */
void page_check(const struct check_result *check, const struct page_ids *ids, FILE *out);

/* Drawings. Each prints nothing if there is nothing to draw. */
void page_topology(const struct record *row, struct results_reader *reader, FILE *out);
void page_timeline(const struct results_reader *reader, FILE *out);
void page_proof(const struct record *proof, FILE *out);

#endif

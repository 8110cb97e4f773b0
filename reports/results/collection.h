/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_COLLECTION_H
#define REPORTS_RESULTS_COLLECTION_H

#include "data/record.h"
#include "reports/results/certification_profile.h"
#include "reports/results/results_reader.h"

/*
 * All runs below some folders, as rows of the matrix. An index, ".vfcert-index.json" in the folder
 * where the search began, keeps each row, so that a run is read again only if the size or the
 * modification time of its file differs. The index may be deleted at any time; the search then only
 * takes longer.
 */
struct collected {
	char *folder;                  /* of the run, as found */
	char *results;                 /* the file in it */
	struct record *row;            /* matrix_row.h */
	struct results_reader *reader; /* still open for some that were just read; or NULL */
	bool superseded;               /* page.h */
};

struct collection {
	struct collected *runs; /* in the order of matrix_row_compare() */
	size_t count;
	struct record *left_out; /* {file: why} for files that could not be read */
	size_t read;             /* runs that were not in an index */
};

/* Each of FOLDERS is a folder, or the results.json of a run. A run that is found twice, even as
 * a copy, counts once. -EINVAL if a folder does not exist or nothing was found. */
int collection_load(const char *const *folders, size_t count,
		const struct certification_profile *profile, struct collection *collection,
		struct err *err);
void collection_free(struct collection *collection);

#endif

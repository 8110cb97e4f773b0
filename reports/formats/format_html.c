/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats_internal.h"

#include "base/cleanup.h"
#include "reports/page/page.h"
#include "reports/results/matrix_row.h"

/* A page with one run. */

int format_html(struct results_reader *reader, const struct format_options *options, FILE *out)
{
	CLEANUP(cleanup_record) struct record *row = matrix_row_build(reader, options->profile);
	struct page_row only = { .row = row, .reader = reader };
	struct page page = { .profile = options->profile, .rows = &only, .count = 1 };
	int rc = page_print(&page, out, NULL);

	return rc < 0 ? rc : reader_flush(reader, out);
}

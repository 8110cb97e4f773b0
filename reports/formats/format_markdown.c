/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "reports/text/report_text.h"

/* A step summary for GitHub and GitLab. GitHub refuses more than 1 MiB, so passes are only
 * counted, and the table of the others stops before the limit, with a note that says so. */

#define BYTES_LIMIT (1u << 20)
#define ROWS_LIMIT  1000
#define LAST_WORDS  512 /* kept free for what follows the table */
#define ROW_LIMIT   4096

static void print_row(FILE *out, const char *name, const struct record *object, const char *member)
{
	const char *value = record_str(object, member, NULL);

	if (!value)
		return;
	fprintf(out, "| %s | ", name);
	escape_markdown(value, out);
	fputs(" |\n", out);
}

static void print_subject(const struct record *head, FILE *out)
{
	const struct record *identity = record_get(head, "identity");
	const struct record *software = record_get(identity, "software");
	const struct record *rig = record_get(identity, "rig");

	fputs("| Certified | |\n|---|---|\n| Card | ", out);
	report_card(head, escape_markdown, out);
	fputs(" |\n", out);
	print_row(out, "Driver", software, "driver");
	print_row(out, "Firmware", software, "firmware");
	print_row(out, "Kernel", software, "kernel");
	print_row(out, "Rig", rig, "kind");
	print_row(out, "Topology", rig, "topology");
	print_row(out, "QEMU", rig, "qemu");
	fprintf(out, "| Origin | %s |\n", report_origin(head));
	print_row(out, "Started", record_get(head, "run"), "started");
}

static void print_suites(const struct results_reader *reader, FILE *out)
{
	static const char *const words[] = { [SUITE_PASS] = "all pass",
		[SUITE_PARTIAL] = "partial",
		[SUITE_FAILED] = "**failed**",
		[SUITE_BROKEN] = "**broken**",
		[SUITE_UNTESTED] = "untested" };
	size_t count;
	const struct suite_totals *totals = reader_totals(reader, &count);

	if (!count)
		return;
	fputs("\n| Suite | Result | Pass | Of |\n|---|---|--:|--:|\n", out);
	for (size_t i = 0; i < count && i < ROWS_LIMIT; i++) {
		fputs("| ", out);
		escape_markdown(totals[i].suite, out);
		fprintf(out, " | %s | %zu | %zu |\n", words[suite_state(&totals[i])],
				totals[i].counts[VERDICT_PASS], totals[i].total);
	}
}

static void print_check(const struct check_result *check, FILE *out)
{
	fprintf(out, "| %s | ", verdict_words[check->verdict]);
	escape_markdown(check->id, out);
	fputs(" | ", out);
	if (check->quirk) {
		escape_markdown(check->quirk, out);
		fputs(": ", out);
	}
	escape_markdown(check->reason, out);
	fputs(" |\n", out);
}

/* Prints one row if it fits into what is left of LIMIT bytes. */
static bool print_row_within(struct results_reader *reader, size_t index, size_t *room, FILE *out)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length = 0;
	FILE *row = open_memstream(&text, &length);

	if (!row)
		return false;
	print_check(reader_check(reader, index), row);
	if (fclose(row) || length > ROW_LIMIT || length > *room)
		return false;
	*room -= length;
	fwrite(text, 1, length, out);
	return true;
}

static void print_checks(struct results_reader *reader, size_t room, FILE *out)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_BROKEN, VERDICT_CHANGED,
		VERDICT_KNOWN, VERDICT_SKIP };
	size_t rows = 0, left = 0;

	for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++) {
		for (size_t i = 0; i < reader_length(reader); i++) {
			if (reader_verdict(reader, i) != order[k])
				continue;
			if (!rows && !left)
				fputs("\n| Verdict | Check | Reason |\n|---|---|---|\n", out);
			if (rows < ROWS_LIMIT && print_row_within(reader, i, &room, out))
				rows++;
			else
				left++;
		}
	}
	if (left)
		fprintf(out, "\nCut here: %zu more are in results.json.\n", left);
}

int format_markdown(struct results_reader *reader, const struct format_options *options, FILE *out)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length = 0;
	FILE *top = open_memstream(&text, &length);

	if (!top)
		return -ENOMEM;
	fputs("## vfcert\n\n**", top);
	report_headline(options->profile, reader, escape_markdown, top);
	fputs("**\n\n", top);
	print_subject(reader_head(reader), top);
	print_suites(reader, top);
	if (fclose(top))
		return -ENOMEM;
	if (length + LAST_WORDS > BYTES_LIMIT) {
		fputs("## vfcert\n\nThe summary is larger than 1 MiB: see results.json.\n", out);
		return reader_flush(reader, out);
	}
	fwrite(text, 1, length, out);
	print_checks(reader, BYTES_LIMIT - LAST_WORDS - length, out);
	return reader_flush(reader, out);
}

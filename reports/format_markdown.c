/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "reports/escape.h"
#include "reports/results.h"
#include "reports/tally.h"

/* A step summary as GitHub and GitLab show it; they cut at 1 MiB, so passes are only counted. */

#define ROWS_LIMIT 1000

static void print_row(FILE *out, const char *name, const struct record *object, const char *member)
{
	const char *value = record_str(object, member, NULL);

	if (!value)
		return;
	fprintf(out, "| %s | ", name);
	escape_markdown(value, out);
	fputs(" |\n", out);
}

static void print_subject(const struct record *results, FILE *out)
{
	const struct record *identity = record_get(results, "identity");
	const struct record *software = record_get(identity, "software");
	const struct record *rig = record_get(identity, "rig");

	fputs("| Certified | |\n|---|---|\n| Card | ", out);
	tally_card(results, escape_markdown, out);
	fputs(" |\n", out);
	print_row(out, "Driver", software, "driver");
	print_row(out, "Firmware", software, "firmware");
	print_row(out, "Kernel", software, "kernel");
	print_row(out, "Rig", rig, "kind");
	print_row(out, "Topology", rig, "topology");
	print_row(out, "QEMU", rig, "qemu");
	fprintf(out, "| Origin | %s |\n", tally_origin(results));
	print_row(out, "Started", record_get(results, "run"), "started");
}

static void print_suites(const struct record *results, FILE *out)
{
	static const char *const words[] = { [TALLY_PASS] = "all pass",
		[TALLY_PARTIAL] = "partial",
		[TALLY_FAILED] = "**failed**",
		[TALLY_BROKEN] = "**broken**",
		[TALLY_UNTESTED] = "untested" };
	CLEANUP(cleanup_free) struct tally *tallies = NULL;
	size_t count = tally_suites(results, &tallies);

	if (!count)
		return;
	fputs("\n| Suite | Result | Pass | Of |\n|---|---|--:|--:|\n", out);
	for (size_t i = 0; i < count; i++) {
		fputs("| ", out);
		escape_markdown(tallies[i].suite, out);
		fprintf(out, " | %s | %zu | %zu |\n", words[tally_state(&tallies[i])],
				tallies[i].counts[RESULT_PASS], tallies[i].total);
	}
}

static void print_check(const struct record *check, int verdict, FILE *out)
{
	const char *quirk = record_str(check, "quirk", NULL);

	fprintf(out, "| %s | ", results_verdicts[verdict]);
	escape_markdown(record_str(check, "id", "?"), out);
	fputs(" | ", out);
	if (quirk) {
		escape_markdown(quirk, out);
		fputs(": ", out);
	}
	escape_markdown(record_str(check, "reason", ""), out);
	fputs(" |\n", out);
}

static void print_checks(const struct record *results, FILE *out)
{
	static const int order[] = { RESULT_FAIL, RESULT_BROKEN, RESULT_CHANGED, RESULT_KNOWN,
		RESULT_SKIP };
	const struct record *checks = record_get(results, "checks");
	size_t rows = 0, left = 0;

	for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++) {
		for (size_t i = 0; i < record_length(checks); i++) {
			const struct record *check = record_at(checks, i);

			if (results_verdict(record_str(check, "verdict", NULL)) != order[k])
				continue;
			left += rows == ROWS_LIMIT;
			if (rows == ROWS_LIMIT)
				continue;
			if (!rows++)
				fputs("\n| Verdict | Check | Reason |\n|---|---|---|\n", out);
			print_check(check, order[k], out);
		}
	}
	if (left)
		fprintf(out, "\n%zu more are in results.json.\n", left);
}

int format_markdown(const struct record *results, FILE *out)
{
	fputs("## vfcert\n\n**", out);
	tally_headline(results, escape_markdown, out);
	fputs("**\n\n", out);
	print_subject(results, out);
	print_suites(results, out);
	print_checks(results, out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats_internal.h"

#include <string.h>

#include "base/escape.h"
#include "reports/text/report_text.h"

/*
 * KTAP version 1 (Documentation/dev-tools/ktap.rst of the kernel): a subtest for each suite,
 * indented by two spaces and with its own version line. A known deviation is "ok ... # XFAIL", as
 * the kernel's selftests report expected failures.
 */

/* A name ends at '#'. */
static void print_name(const char *name, FILE *out)
{
	for (; *name; name++) {
		char c[2] = { *name == '#' || *name == ' ' ? '_' : *name, '\0' };

		if ((unsigned char)*name < 0x80)
			escape_terminal(c, out);
		else
			fputc('_', out);
	}
}

static void print_directive(const struct check_result *check, FILE *out)
{
	static const char *const directives[VERDICTS] = {
		[VERDICT_SKIP] = "SKIP", [VERDICT_BROKEN] = "ERROR", [VERDICT_KNOWN] = "XFAIL"
	};

	if (!directives[check->verdict])
		return;
	fprintf(out, " # %s ", directives[check->verdict]);
	if (check->verdict == VERDICT_KNOWN) {
		escape_terminal(check->quirk ? check->quirk : "?", out);
		fputs(": ", out);
	}
	escape_terminal(report_reason(check), out);
}

static void print_diagnosis(const struct check_result *check, FILE *out)
{
	const struct record *evidence = check->evidence, *log = check->log;

	fputs("  # ", out);
	escape_terminal(report_reason(check), out);
	fputc('\n', out);
	for (size_t i = 0; i < record_length(evidence); i++) {
		fputs("  # ", out);
		escape_terminal(record_str(record_at(evidence, i), "name", ""), out);
		fputs(": ", out);
		report_fact(record_at(evidence, i), escape_terminal, out);
		fputc('\n', out);
	}
	for (size_t i = 0; i < record_length(log); i++) {
		fputs("  # kernel: ", out);
		escape_terminal(record_text(record_at(log, i)), out);
		fputc('\n', out);
	}
}

static bool is_ok(enum verdict verdict)
{
	return verdict == VERDICT_PASS || verdict == VERDICT_SKIP || verdict == VERDICT_KNOWN;
}

static void print_check(const struct check_result *check, size_t number, FILE *out)
{
	if (!is_ok(check->verdict))
		print_diagnosis(check, out);
	fprintf(out, "  %s %zu ", is_ok(check->verdict) ? "ok" : "not ok", number);
	print_name(check->id, out);
	print_directive(check, out);
	fputc('\n', out);
}

/* Prints the directive of the whole suite if all of it was skipped. */
static void print_suite_line(const struct suite_totals *totals, size_t number, FILE *out)
{
	enum suite_state state = suite_state(totals);

	fprintf(out, "%s %zu ", state == SUITE_FAILED || state == SUITE_BROKEN ? "not ok" : "ok",
			number);
	print_name(totals->suite, out);
	fputs(state == SUITE_UNTESTED ? " # SKIP no check could run\n" : "\n", out);
}

static void print_suite(struct results_reader *reader, size_t suite, FILE *out)
{
	size_t suites, number = 0;
	const struct suite_totals *totals = reader_totals(reader, &suites) + suite;

	fputs("  KTAP version 1\n  # Subtest: ", out);
	print_name(totals->suite, out);
	fprintf(out, "\n  1..%zu\n", totals->total);
	for (size_t i = 0; number < totals->total; i++) {
		if (reader_suite(reader, i) == suite)
			print_check(reader_check(reader, i), ++number, out);
	}
	print_suite_line(totals, suite + 1, out);
}

int format_ktap(struct results_reader *reader, const struct format_options *options, FILE *out)
{
	const struct record *head = reader_head(reader);
	bool complete = results_complete(head);
	size_t suites;

	(void)options;
	reader_totals(reader, &suites);
	fprintf(out, "KTAP version 1\n1..%zu\n", suites + !complete);
	for (size_t i = 0; i < suites; i++)
		print_suite(reader, i, out);
	if (!complete) {
		fprintf(out, "not ok %zu run.complete # ERROR ", suites + 1);
		escape_terminal(record_str(record_get(head, "run"), "why", "the run did not end"),
				out);
		fputc('\n', out);
	}
	return reader_flush(reader, out);
}

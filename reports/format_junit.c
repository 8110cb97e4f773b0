/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "reports/escape.h"
#include "reports/results.h"
#include "reports/tally.h"

/*
 * JUnit XML in the part that Jenkins, GitLab and GitHub agree on: a testsuite for each suite, and in
 * each testcase at most one of failure, error, skipped. A known deviation is skipped there: it has
 * been looked at and does not break a pipeline.
 */

static void print_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	escape_markup(value, out);
	fputc('"', out);
}

static double seconds_of(const struct record *results, const char *suite)
{
	const struct record *checks = record_get(results, "checks");
	double seconds = 0;

	for (size_t i = 0; i < record_length(checks); i++) {
		const struct record *check = record_at(checks, i);

		if (!suite || !strcmp(record_str(check, "suite", "?"), suite))
			seconds += record_real(check, "duration_s", 0);
	}
	return seconds;
}

static void print_counts(FILE *out, size_t total, const size_t counts[VERDICTS], double seconds)
{
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
			total, counts[RESULT_FAIL] + counts[RESULT_CHANGED], counts[RESULT_BROKEN],
			counts[RESULT_SKIP] + counts[RESULT_KNOWN], seconds);
}

static void print_evidence_text(const struct record *check, FILE *out)
{
	const struct record *evidence = record_get(check, "evidence");

	for (size_t i = 0; i < record_length(evidence); i++) {
		const struct record *fact = record_at(evidence, i);
		CLEANUP(cleanup_free) char *value = record_print(record_get(fact, "value"));
		const char *unit = record_str(fact, "unit", NULL);

		escape_markup(record_str(fact, "name", ""), out);
		fputs(": ", out);
		escape_markup(record_text(record_get(fact, "value"))
						? record_text(record_get(fact, "value"))
						: value,
				out);
		if (unit) {
			fputc(' ', out);
			escape_markup(unit, out);
		}
		fputc('\n', out);
	}
}

static void print_outcome(const struct record *check, int verdict, FILE *out)
{
	static const char *const elements[VERDICTS] = { [RESULT_FAIL] = "failure",
		[RESULT_SKIP] = "skipped",
		[RESULT_BROKEN] = "error",
		[RESULT_KNOWN] = "skipped",
		[RESULT_CHANGED] = "failure" };
	const char *reason = record_str(check, "reason", "no reason given");

	fprintf(out, "\t\t\t<%s message=\"", elements[verdict]);
	if (verdict == RESULT_KNOWN) {
		fputs("known, quirk ", out);
		escape_markup(record_str(check, "quirk", "?"), out);
		fputs(": ", out);
	}
	escape_markup(reason, out);
	fputc('"', out);
	if (verdict == RESULT_SKIP || verdict == RESULT_KNOWN) {
		fputs("/>\n", out);
		return;
	}
	print_attribute(out, "type", results_verdicts[verdict]);
	fputc('>', out);
	escape_markup(reason, out);
	fputc('\n', out);
	print_evidence_text(check, out);
	fprintf(out, "</%s>\n", elements[verdict]);
}

static void print_case(const struct record *check, FILE *out)
{
	int verdict = results_verdict(record_str(check, "verdict", NULL));

	fputs("\t\t<testcase", out);
	print_attribute(out, "classname", record_str(check, "suite", "?"));
	print_attribute(out, "name", record_str(check, "id", "?"));
	fprintf(out, " time=\"%.3f\"", record_real(check, "duration_s", 0));
	if (verdict <= RESULT_PASS) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	print_outcome(check, verdict, out);
	fputs("\t\t</testcase>\n", out);
}

static void print_suite(const struct record *results, const struct tally *tally, FILE *out)
{
	const struct record *checks = record_get(results, "checks");
	const char *started = record_str(record_get(results, "run"), "started", NULL);
	size_t zone = started ? strcspn(started, "Z") : 0;

	fputs("\t<testsuite", out);
	print_attribute(out, "name", tally->suite);
	print_counts(out, tally->total, tally->counts, seconds_of(results, tally->suite));
	if (started) {
		/* JUnit's schema has no time zone. */
		CLEANUP(cleanup_free) char *plain = strndup(started, zone);

		print_attribute(out, "timestamp", plain);
	}
	fputs(">\n", out);
	for (size_t i = 0; i < record_length(checks); i++) {
		if (!strcmp(record_str(record_at(checks, i), "suite", "?"), tally->suite))
			print_case(record_at(checks, i), out);
	}
	fputs("\t</testsuite>\n", out);
}

/* A pipeline that reads only this file must not take half a run for a whole one. */
static void print_incomplete(const struct record *results, FILE *out)
{
	fputs("\t<testsuite name=\"vfcert\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" "
	      "time=\"0.000\">\n\t\t<testcase classname=\"vfcert\" name=\"run.complete\" "
	      "time=\"0.000\">\n\t\t\t<error type=\"incomplete\" message=\"",
			out);
	escape_markup(record_str(record_get(results, "run"), "why", "the run did not end"), out);
	fputs("\"/>\n\t\t</testcase>\n\t</testsuite>\n", out);
}

int format_junit(const struct record *results, FILE *out)
{
	bool complete = record_bool(record_get(results, "run"), "complete", true);
	CLEANUP(cleanup_free) struct tally *tallies = NULL;
	size_t suites = tally_suites(results, &tallies), counts[VERDICTS] = { 0 };
	size_t total = !complete;

	counts[RESULT_BROKEN] = !complete;
	for (size_t i = 0; i < suites; i++) {
		total += tallies[i].total;
		for (int v = 0; v < VERDICTS; v++)
			counts[v] += tallies[i].counts[v];
	}
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vfcert\"", out);
	print_counts(out, total, counts, seconds_of(results, NULL));
	fputs(">\n", out);
	for (size_t i = 0; i < suites; i++)
		print_suite(results, &tallies[i], out);
	if (!complete)
		print_incomplete(results, out);
	fputs("</testsuites>\n", out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "reports/text/report_text.h"

/*
 * JUnit XML, limited to what Jenkins, GitLab and GitHub agree on: a testsuite for each suite, and
 * in each testcase at most one of failure, error, skipped. A known deviation is reported as
 * skipped: somebody has examined it, and it does not break a pipeline.
 */

static void print_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	escape_markup(value, out);
	fputc('"', out);
}

static void print_counts(FILE *out, size_t total, const size_t counts[VERDICTS], double seconds)
{
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
			total, counts[VERDICT_FAIL] + counts[VERDICT_CHANGED],
			counts[VERDICT_BROKEN], counts[VERDICT_SKIP] + counts[VERDICT_KNOWN],
			seconds);
}

/* What Jenkins and GitLab show when the failure is opened. */
static void print_evidence_text(const struct check_result *check, FILE *out)
{
	const struct record *evidence = check->evidence, *log = check->log;

	for (size_t i = 0; i < record_length(evidence); i++) {
		escape_markup(record_str(record_at(evidence, i), "name", ""), out);
		fputs(": ", out);
		report_fact(record_at(evidence, i), escape_markup, out);
		fputc('\n', out);
	}
	for (size_t i = 0; i < record_length(log); i++) {
		fputs("kernel: ", out);
		escape_markup(record_text(record_at(log, i)), out);
		fputc('\n', out);
	}
}

static void print_outcome(const struct check_result *check, FILE *out)
{
	static const char *const elements[VERDICTS] = { [VERDICT_FAIL] = "failure",
		[VERDICT_SKIP] = "skipped",
		[VERDICT_BROKEN] = "error",
		[VERDICT_KNOWN] = "skipped",
		[VERDICT_CHANGED] = "failure" };
	enum verdict verdict = check->verdict;
	const char *reason = report_reason(check);

	fprintf(out, "\t\t\t<%s message=\"", elements[verdict]);
	if (verdict == VERDICT_KNOWN) {
		fputs("known, quirk ", out);
		escape_markup(check->quirk ? check->quirk : "?", out);
		fputs(": ", out);
	}
	escape_markup(reason, out);
	fputc('"', out);
	if (verdict == VERDICT_SKIP || verdict == VERDICT_KNOWN) {
		fputs("/>\n", out);
		return;
	}
	print_attribute(out, "type", verdict_words[verdict]);
	fputc('>', out);
	escape_markup(reason, out);
	fputc('\n', out);
	print_evidence_text(check, out);
	fprintf(out, "</%s>\n", elements[verdict]);
}

/* What the reader keeps anyway is enough for a pass. */
static void print_case(struct results_reader *reader, size_t index, const char *suite, FILE *out)
{
	enum verdict verdict = reader_verdict(reader, index);

	fputs("\t\t<testcase", out);
	print_attribute(out, "classname", suite);
	print_attribute(out, "name", reader_id(reader, index));
	fprintf(out, " time=\"%.3f\"", (double)reader_times(reader, index).duration);
	if (verdict == VERDICT_PASS) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	print_outcome(reader_check(reader, index), out);
	fputs("\t\t</testcase>\n", out);
}

static void print_property(const char *name, const char *value, FILE *out)
{
	if (!value)
		return;
	fputs("\t\t\t<property", out);
	print_attribute(out, "name", name);
	print_attribute(out, "value", value);
	fputs("/>\n", out);
}

static void print_properties(const struct record *head, FILE *out)
{
	static const struct {
		const char *name, *part, *member;
	} properties[] = { { "card", "card", "model" }, { "vendor", "card", "vendor" },
		{ "device", "card", "device" }, { "driver", "software", "driver" },
		{ "firmware", "software", "firmware" }, { "kernel", "software", "kernel" },
		{ "qemu", "rig", "qemu" }, { "topology", "rig", "topology" },
		{ "origin", "rig", "origin" } };
	const struct record *identity = record_get(head, "identity");

	fputs("\t\t<properties>\n", out);
	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++)
		print_property(properties[i].name,
				record_str(record_get(identity, properties[i].part),
						properties[i].member, NULL),
				out);
	print_property("command", record_str(record_get(head, "run"), "command", NULL), out);
	fputs("\t\t</properties>\n", out);
}

/* The schemas in use allow no time zone there. */
static void print_timestamp(const struct record *head, FILE *out)
{
	const char *started = record_str(record_get(head, "run"), "started", NULL);
	CLEANUP(cleanup_free)
	char *plain = started ? strndup(started, strcspn(started, "Z")) : NULL;

	if (plain)
		print_attribute(out, "timestamp", plain);
}

static void print_suite(struct results_reader *reader, size_t suite, FILE *out)
{
	size_t suites;
	const struct suite_totals *totals = reader_totals(reader, &suites) + suite;

	fputs("\t<testsuite", out);
	print_attribute(out, "name", totals->suite);
	print_counts(out, totals->total, totals->counts, totals->seconds);
	print_timestamp(reader_head(reader), out);
	fputs(">\n", out);
	print_properties(reader_head(reader), out);
	for (size_t i = 0, left = totals->total; left; i++) {
		if (reader_suite(reader, i) != suite)
			continue;
		print_case(reader, i, totals->suite, out);
		left--;
	}
	fputs("\t</testsuite>\n", out);
}

/* A pipeline that reads only this file must not take half a run for a complete one. */
static void print_incomplete(const struct record *head, FILE *out)
{
	fputs("\t<testsuite name=\"vfcert\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" "
	      "time=\"0.000\"",
			out);
	print_timestamp(head, out);
	fputs(">\n\t\t<testcase classname=\"vfcert\" name=\"run.complete\" time=\"0.000\">\n"
	      "\t\t\t<error type=\"incomplete\" message=\"",
			out);
	escape_markup(record_str(record_get(head, "run"), "why", "the run did not end"), out);
	fputs("\"/>\n\t\t</testcase>\n\t</testsuite>\n", out);
}

int format_junit(struct results_reader *reader, const struct format_options *options, FILE *out)
{
	bool complete = results_complete(reader_head(reader));
	size_t suites, counts[VERDICTS];
	const struct suite_totals *totals = reader_totals(reader, &suites);
	double seconds = 0;

	(void)options;
	for (int v = 0; v < VERDICTS; v++)
		counts[v] = reader_count(reader, v);
	for (size_t i = 0; i < suites; i++)
		seconds += totals[i].seconds;
	counts[VERDICT_BROKEN] += !complete;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vfcert\"", out);
	print_counts(out, reader_length(reader) + !complete, counts, seconds);
	fputs(">\n", out);
	for (size_t i = 0; i < suites; i++)
		print_suite(reader, i, out);
	if (!complete)
		print_incomplete(reader_head(reader), out);
	fputs("</testsuites>\n", out);
	return reader_flush(reader, out);
}

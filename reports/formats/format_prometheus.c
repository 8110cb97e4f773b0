/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats_internal.h"

#include <string.h>

#include "base/escape.h"
#include "base/timestamp.h"
#include "reports/text/report_text.h"

/*
 * For the text file collector of Prometheus' node exporter. There is a series for each suite and
 * verdict, and one for each check that is not good, up to a limit, so that the number of series
 * stays bounded.
 */

#define BAD_LIMIT 1000

/* Escapes backslash and quote with a backslash; a newline would end the line. */
static void escape_label(const char *text, FILE *out)
{
	for (; text && *text; text++) {
		if (*text == '\\' || *text == '"')
			fputc('\\', out);
		fputc((unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text, out);
	}
}

static void print_label(const char *name, const char *value, bool first, FILE *out)
{
	fprintf(out, "%s%s=\"", first ? "" : ",", name);
	escape_label(value, out);
	fputc('"', out);
}

static void print_kind(const char *name, const char *help, FILE *out)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void print_info(const struct record *head, FILE *out)
{
	static const struct {
		const char *name, *part, *member;
	} labels[] = { { "card", "card", "model" }, { "vendor", "card", "vendor" },
		{ "device", "card", "device" }, { "driver", "software", "driver" },
		{ "firmware", "software", "firmware" }, { "kernel", "software", "kernel" },
		{ "qemu", "rig", "qemu" }, { "topology", "rig", "topology" },
		{ "origin", "rig", "origin" } };
	const struct record *identity = record_get(head, "identity");

	print_kind("vfcert_run_info", "What was certified. Always 1.", out);
	fputs("vfcert_run_info{", out);
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		print_label(labels[i].name,
				record_str(record_get(identity, labels[i].part), labels[i].member,
						""),
				!i, out);
	fputs("} 1\n", out);
}

static void print_start(const struct record *run, FILE *out)
{
	time_t started;

	if (timestamp_parse(record_str(run, "started", ""), &started) < 0)
		return;
	print_kind("vfcert_run_start_seconds", "When the run began, in seconds since 1970.", out);
	fprintf(out, "vfcert_run_start_seconds %lld\n", (long long)started);
}

static void print_checks(const struct results_reader *reader, FILE *out)
{
	size_t count;
	const struct suite_totals *totals = reader_totals(reader, &count);

	print_kind("vfcert_checks", "Checks by suite and verdict.", out);
	for (size_t i = 0; i < count; i++) {
		for (int v = 0; v < VERDICTS; v++) {
			fputs("vfcert_checks{", out);
			print_label("suite", totals[i].suite, true, out);
			fprintf(out, ",verdict=\"%s\"} %zu\n", verdict_words[v],
					totals[i].counts[v]);
		}
	}
	print_kind("vfcert_suite_duration_seconds", "Time that the checks of a suite took.", out);
	for (size_t i = 0; i < count; i++) {
		fputs("vfcert_suite_duration_seconds{", out);
		print_label("suite", totals[i].suite, true, out);
		fprintf(out, "} %.6f\n", totals[i].seconds);
	}
}

static void print_bad(struct results_reader *reader, FILE *out)
{
	size_t printed = 0;

	print_kind("vfcert_check_bad", "A check that fails, is broken, or has changed. Always 1.",
			out);
	for (size_t i = 0; i < reader_length(reader) && printed < BAD_LIMIT; i++) {
		enum verdict verdict = reader_verdict(reader, i);

		if (verdict != VERDICT_FAIL && verdict != VERDICT_BROKEN &&
				verdict != VERDICT_CHANGED)
			continue;
		fputs("vfcert_check_bad{", out);
		print_label("check", reader_id(reader, i), true, out);
		fprintf(out, ",verdict=\"%s\"} 1\n", verdict_words[verdict]);
		printed++;
	}
}

int format_prometheus(
		struct results_reader *reader, const struct format_options *options, FILE *out)
{
	const struct record *head = reader_head(reader), *run = record_get(head, "run");

	(void)options;
	print_info(head, out);
	print_kind("vfcert_run_good",
			"1 when the run is complete and no check fails, is broken, or has changed.",
			out);
	fprintf(out, "vfcert_run_good %d\n", reader_good(reader));
	print_kind("vfcert_run_complete", "1 when the run came to its end.", out);
	fprintf(out, "vfcert_run_complete %d\n", results_complete(head));
	print_start(run, out);
	print_kind("vfcert_run_duration_seconds", "Time that the run took.", out);
	fprintf(out, "vfcert_run_duration_seconds %.3f\n", record_real(run, "duration_s", 0));
	print_checks(reader, out);
	print_bad(reader, out);
	return reader_flush(reader, out);
}

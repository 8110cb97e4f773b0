/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "reports/text/report_text.h"

/* What a person wants to know after a run: first what needs attention, last the verdict. */

#define ID_WIDTH      26
#define VERDICT_WIDTH 8
#define SLOWEST       5

static const char *const colours[VERDICTS] = { "\033[32m", "\033[1;31m", "\033[2m", "\033[1;33m",
	"\033[36m", "\033[1;35m" };

static void print_verdict(enum verdict verdict, bool colour, FILE *out)
{
	fprintf(out, "%s%-*s%s", colour ? colours[verdict] : "", VERDICT_WIDTH,
			verdict_words[verdict], colour ? "\033[0m" : "");
}

/* A skip has its reason on the line of the id: many skips may have one cause. */
static void print_check(const struct check_result *check, bool colour, FILE *out)
{
	int pad = ID_WIDTH - (int)strlen(check->id);

	print_verdict(check->verdict, colour, out);
	escape_terminal(check->id, out);
	fprintf(out, "%*s  ", pad > 0 ? pad : 0, "");
	if (check->verdict != VERDICT_SKIP) {
		escape_terminal(check->title, out);
		fprintf(out, "\n%*s", VERDICT_WIDTH, "");
	}
	escape_terminal(report_reason(check), out);
	fputc('\n', out);
}

/* Prints one entry for each quirk, with all checks that it explains. Keeps text only per quirk. */
static void print_known(struct results_reader *reader, bool colour, FILE *out)
{
	CLEANUP(cleanup_record) struct record *quirks = record_object();
	const struct record *entry;
	const char *quirk;

	for (size_t i = 0; i < reader_length(reader); i++) {
		const struct check_result *check;
		struct record *kept;

		if (reader_verdict(reader, i) != VERDICT_KNOWN)
			continue;
		check = reader_check(reader, i);
		quirk = check->quirk ? check->quirk : "?";
		if (!record_get(quirks, quirk)) {
			kept = record_object();
			record_put_str(kept, "reason", check->reason);
			record_put(kept, "checks", record_array());
			record_put(quirks, quirk, kept);
		}
		record_add_str(record_edit(record_edit(quirks, quirk), "checks"), check->id);
	}
	for (size_t i = 0; record_member(quirks, i, &quirk, &entry); i++) {
		const struct record *checks = record_get(entry, "checks");

		print_verdict(VERDICT_KNOWN, colour, out);
		escape_terminal(quirk, out);
		for (size_t k = 0; k < record_length(checks); k++) {
			fputs(k ? ", " : ": ", out);
			escape_terminal(record_text(record_at(checks, k)), out);
		}
		fprintf(out, "\n%*s", VERDICT_WIDTH, "");
		escape_terminal(record_str(entry, "reason", ""), out);
		fputc('\n', out);
	}
}

static void print_verdict_group(
		struct results_reader *reader, enum verdict verdict, bool colour, FILE *out)
{
	if (verdict == VERDICT_KNOWN) {
		print_known(reader, colour, out);
		return;
	}
	for (size_t i = 0; i < reader_length(reader); i++) {
		if (reader_verdict(reader, i) == verdict)
			print_check(reader_check(reader, i), colour, out);
	}
}

static void print_slowest(const struct results_reader *reader, FILE *out)
{
	size_t slowest[SLOWEST + 1], count = 0;

	for (size_t i = 0; i < reader_length(reader); i++) {
		float seconds = reader_times(reader, i).duration;
		size_t at = count;

		for (; at && reader_times(reader, slowest[at - 1]).duration < seconds; at--)
			slowest[at] = slowest[at - 1];
		slowest[at] = i;
		count += count < SLOWEST;
	}
	fputs("slowest:", out);
	for (size_t k = 0; k < count; k++) {
		fputs(k ? ", " : " ", out);
		escape_terminal(reader_id(reader, slowest[k]), out);
		fprintf(out, " %.1f s", (double)reader_times(reader, slowest[k]).duration);
	}
	fputc('\n', out);
}

static void print_times(const struct record *run, FILE *out)
{
	double wall = record_real(run, "duration_s", 0), kernel = record_real(run, "kernel_s", 0);

	fprintf(out, "time: %.1f s", wall);
	if (kernel > 0)
		fprintf(out, ", of which the kernel's own operations took %.1f s (run is %.2f x)",
				kernel, wall / kernel);
	if (record_real(run, "rig_up_s", 0) > 0)
		fprintf(out, "; rig up in %.1f s", record_real(run, "rig_up_s", 0));
	fputc('\n', out);
}

static void print_subject(const struct record *results, FILE *out)
{
	const struct record *identity = record_get(results, "identity");
	const struct record *software = record_get(identity, "software");
	const char *driver = record_str(software, "driver", NULL);
	const char *kernel = record_str(software, "kernel", NULL);

	report_card(results, escape_terminal, out);
	if (driver) {
		fputs(", driver ", out);
		escape_terminal(driver, out);
	}
	if (kernel) {
		fputs(", kernel ", out);
		escape_terminal(kernel, out);
	}
	fprintf(out, "\n%s\n", report_origin(results));
}

int format_terminal(struct results_reader *reader, const struct format_options *options, FILE *out)
{
	static const enum verdict order[] = { VERDICT_SKIP, VERDICT_KNOWN, VERDICT_CHANGED,
		VERDICT_BROKEN, VERDICT_FAIL };
	bool colour = options->colour;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		print_verdict_group(reader, order[i], colour, out);
		if (reader_count(reader, order[i]))
			fputc('\n', out);
	}
	if (reader_length(reader))
		print_slowest(reader, out);
	print_times(record_get(reader_head(reader), "run"), out);
	print_subject(reader_head(reader), out);
	fputs(colour ? reader_good(reader) ? "\033[1;32m" : "\033[1;31m" : "", out);
	report_headline(options->profile, reader, escape_terminal, out);
	fprintf(out, "%s\n", colour ? "\033[0m" : "");
	return reader_flush(reader, out);
}

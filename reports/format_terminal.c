/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "reports/escape.h"
#include "reports/results.h"
#include "reports/tally.h"

/* What a person wants to know after a run: what needs a look first, the verdict last. */

#define ID_WIDTH      26
#define VERDICT_WIDTH 8
#define SLOWEST       5

static const char *const colours[VERDICTS] = { "\033[32m", "\033[1;31m", "\033[2m", "\033[1;33m",
	"\033[36m", "\033[1;35m" };

static void print_verdict(int verdict, bool colour, FILE *out)
{
	fprintf(out, "%s%-*s%s", colour ? colours[verdict] : "", VERDICT_WIDTH,
			results_verdicts[verdict], colour ? "\033[0m" : "");
}

static void print_check(const struct record *check, int verdict, bool colour, FILE *out)
{
	const char *id = record_str(check, "id", "?");
	int pad = ID_WIDTH - (int)strlen(id);

	print_verdict(verdict, colour, out);
	escape_terminal(id, out);
	fprintf(out, "%*s  ", pad > 0 ? pad : 0, "");
	escape_terminal(record_str(check, "title", ""), out);
	fprintf(out, "\n%*s", VERDICT_WIDTH, "");
	escape_terminal(record_str(check, "reason", "no reason given"), out);
	fputc('\n', out);
}

/* Skips say their reason on the line of the id: there may be many of one cause. */
static void print_skip(const struct record *check, bool colour, FILE *out)
{
	const char *id = record_str(check, "id", "?");
	int pad = ID_WIDTH - (int)strlen(id);

	print_verdict(RESULT_SKIP, colour, out);
	escape_terminal(id, out);
	fprintf(out, "%*s  ", pad > 0 ? pad : 0, "");
	escape_terminal(record_str(check, "reason", "no reason given"), out);
	fputc('\n', out);
}

static bool same_quirk(const struct record *a, const struct record *b)
{
	return !strcmp(record_str(a, "quirk", ""), record_str(b, "quirk", ""));
}

static bool is_known(const struct record *check)
{
	return results_verdict(record_str(check, "verdict", NULL)) == RESULT_KNOWN;
}

/* One entry for each quirk, with all checks that it explains. */
static void print_known(const struct record *checks, size_t first, bool colour, FILE *out)
{
	const struct record *check = record_at(checks, first);

	for (size_t i = 0; i < first; i++) {
		if (is_known(record_at(checks, i)) && same_quirk(record_at(checks, i), check))
			return;
	}
	print_verdict(RESULT_KNOWN, colour, out);
	escape_terminal(record_str(check, "quirk", "?"), out);
	for (size_t i = first, shown = 0; i < record_length(checks); i++) {
		if (!is_known(record_at(checks, i)) || !same_quirk(record_at(checks, i), check))
			continue;
		fputs(shown++ ? ", " : ": ", out);
		escape_terminal(record_str(record_at(checks, i), "id", "?"), out);
	}
	fprintf(out, "\n%*s", VERDICT_WIDTH, "");
	escape_terminal(record_str(check, "reason", ""), out);
	fputc('\n', out);
}

static void print_verdict_group(const struct record *checks, int verdict, bool colour, FILE *out)
{
	for (size_t i = 0; i < record_length(checks); i++) {
		const struct record *check = record_at(checks, i);

		if (results_verdict(record_str(check, "verdict", NULL)) != verdict)
			continue;
		if (verdict == RESULT_KNOWN)
			print_known(checks, i, colour, out);
		else if (verdict == RESULT_SKIP)
			print_skip(check, colour, out);
		else
			print_check(check, verdict, colour, out);
	}
}

static void print_slowest(const struct record *checks, FILE *out)
{
	const struct record *slowest[SLOWEST] = { NULL };

	for (size_t i = 0; i < record_length(checks); i++) {
		const struct record *next = record_at(checks, i);

		for (size_t k = 0; next && k < SLOWEST; k++) {
			const struct record *here = slowest[k];

			if (record_real(next, "duration_s", 0) >
					record_real(here, "duration_s", -1)) {
				slowest[k] = next;
				next = here;
			}
		}
	}
	fputs("slowest:", out);
	for (size_t k = 0; k < SLOWEST && slowest[k]; k++) {
		fputs(k ? ", " : " ", out);
		escape_terminal(record_str(slowest[k], "id", "?"), out);
		fprintf(out, " %.1f s", record_real(slowest[k], "duration_s", 0));
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

	tally_card(results, escape_terminal, out);
	if (driver) {
		fputs(", driver ", out);
		escape_terminal(driver, out);
	}
	if (kernel) {
		fputs(", kernel ", out);
		escape_terminal(kernel, out);
	}
	fprintf(out, "\n%s\n", tally_origin(results));
}

int format_terminal(const struct record *results, bool colour, FILE *out)
{
	static const int order[] = { RESULT_SKIP, RESULT_KNOWN, RESULT_CHANGED, RESULT_BROKEN,
		RESULT_FAIL };
	const struct record *checks = record_get(results, "checks");

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		print_verdict_group(checks, order[i], colour, out);
		if (results_count(results, results_verdicts[order[i]]))
			fputc('\n', out);
	}
	if (record_length(checks))
		print_slowest(checks, out);
	print_times(record_get(results, "run"), out);
	print_subject(results, out);
	fputs(colour ? results_good(results) ? "\033[1;32m" : "\033[1;31m" : "", out);
	tally_headline(results, escape_terminal, out);
	fprintf(out, "%s\n", colour ? "\033[0m" : "");
	return fflush(out) || ferror(out) ? -EIO : 0;
}

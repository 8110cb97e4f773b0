/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/tally.h"

#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"

static struct tally *tally_of(struct tally **tallies, size_t *count, const char *suite)
{
	for (size_t i = 0; i < *count; i++) {
		if (!strcmp((*tallies)[i].suite, suite))
			return &(*tallies)[i];
	}
	*tallies = reallocarray(*tallies, *count + 1, sizeof(**tallies));
	if (!*tallies)
		abort();
	(*tallies)[*count] = (struct tally){ .suite = suite };
	return &(*tallies)[(*count)++];
}

size_t tally_suites(const struct record *results, struct tally **tallies)
{
	const struct record *checks = record_get(results, "checks");
	size_t count = 0;

	*tallies = NULL;
	for (size_t i = 0; i < record_length(checks); i++) {
		const struct record *check = record_at(checks, i);
		struct tally *tally = tally_of(tallies, &count, record_str(check, "suite", "?"));
		int verdict = results_verdict(record_str(check, "verdict", NULL));

		tally->total++;
		if (verdict >= 0)
			tally->counts[verdict]++;
	}
	return count;
}

enum tally_state tally_state(const struct tally *tally)
{
	if (tally->counts[RESULT_FAIL] || tally->counts[RESULT_CHANGED])
		return TALLY_FAILED;
	if (tally->counts[RESULT_BROKEN])
		return TALLY_BROKEN;
	if (tally->counts[RESULT_SKIP] == tally->total)
		return TALLY_UNTESTED;
	return tally->counts[RESULT_PASS] == tally->total ? TALLY_PASS : TALLY_PARTIAL;
}

void tally_counts(const struct record *results, TALLY_ESCAPE, FILE *out)
{
	static const char *const phrases[VERDICTS] = { "", "fail", "skipped", "broken",
		"known to fail", "changed" };
	const struct record *run = record_get(results, "run");

	if (!record_bool(run, "complete", true)) {
		escape(record_str(run, "why", "the run did not end"), out);
		fputs("; ", out);
	}
	fprintf(out, "%lld of %zu checks pass", (long long)results_count(results, "pass"),
			record_length(record_get(results, "checks")));
	for (int i = RESULT_FAIL; i < VERDICTS; i++) {
		int64_t count = results_count(results, results_verdicts[i]);

		if (count)
			fprintf(out, ", %lld %s", (long long)count, phrases[i]);
	}
}

void tally_headline(const struct record *results, TALLY_ESCAPE, FILE *out)
{
	bool complete = record_bool(record_get(results, "run"), "complete", true);

	fputs(!complete                                         ? "Incomplete: "
					: results_good(results) ? "Passed: "
								: "Not passed: ",
			out);
	tally_counts(results, escape, out);
}

void tally_card(const struct record *results, void (*escape)(const char *text, FILE *out),
		FILE *out)
{
	const struct record *card = record_get(record_get(results, "identity"), "card");

	escape(record_str(card, "model", "Unidentified card"), out);
	if (record_str(card, "vendor", NULL)) {
		fputs(" (", out);
		escape(record_str(card, "vendor", ""), out);
		fputc(':', out);
		escape(record_str(card, "device", ""), out);
		fputc(')', out);
	}
}

const char *tally_origin(const struct record *results)
{
	const struct record *rig = record_get(record_get(results, "identity"), "rig");
	const char *origin = record_str(rig, "origin", "");

	if (!strcmp(origin, "emulated"))
		return "Emulated card: this certifies the emulation and says nothing about "
		       "silicon.";
	if (!strcmp(origin, "silicon"))
		return "Silicon: observed on the card itself.";
	return "It is not known whether the card is emulated or silicon.";
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/text/report_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "reports/results/capability.h"

enum suite_state suite_state(const struct suite_totals *totals)
{
	if (totals->counts[VERDICT_FAIL] || totals->counts[VERDICT_CHANGED])
		return SUITE_FAILED;
	if (totals->counts[VERDICT_BROKEN])
		return SUITE_BROKEN;
	if (totals->counts[VERDICT_SKIP] == totals->total)
		return SUITE_UNTESTED;
	return totals->counts[VERDICT_PASS] == totals->total ? SUITE_PASS : SUITE_PARTIAL;
}

void report_counts(const struct results_reader *reader, escape_fn *escape, FILE *out)
{
	static const char *const phrases[VERDICTS] = { "", "fail", "skipped", "broken",
		"known to fail", "changed" };
	const struct record *run = record_get(reader_head(reader), "run");

	if (!results_complete(reader_head(reader))) {
		escape(record_str(run, "why", "the run did not end"), out);
		fputs("; ", out);
	}
	fprintf(out, "%zu of %zu checks pass", reader_count(reader, VERDICT_PASS),
			reader_length(reader));
	for (int i = VERDICT_FAIL; i < VERDICTS; i++) {
		size_t count = reader_count(reader, i);

		if (count)
			fprintf(out, ", %zu %s", count, phrases[i]);
	}
	if (record_length(record_get(run, "not_run")))
		fprintf(out, ", %zu did not run", record_length(record_get(run, "not_run")));
}

/* Whether the run was about the capability: a selection of checks is about few. */
static bool was_assessed(const struct record *entry)
{
	const char *cause = record_str(entry, "cause", "");

	return strcmp(cause, "missing-check") != 0 && strcmp(cause, "no-check") != 0;
}

bool report_certified(const struct certification_profile *profile, struct results_reader *reader,
		FILE *out)
{
	CLEANUP(cleanup_record)
	struct record *capabilities = profile ? capability_assess(profile, reader) : NULL;
	size_t assessed = 0, certified = 0, quirks = 0;

	for (size_t i = 0; i < record_length(capabilities); i++) {
		const struct record *entry = record_at(capabilities, i);

		assessed += was_assessed(entry);
		certified += capability_state(entry) == CAPABILITY_CERTIFIED;
		quirks += capability_state(entry) == CAPABILITY_QUIRKS;
	}
	if (!assessed || !results_complete(reader_head(reader)))
		return false;
	if (certified + quirks)
		fprintf(out, "Certifies %zu of ", certified + quirks);
	else
		fputs("Certifies none of ", out);
	fprintf(out, "%zu capabilit%s", assessed, assessed == 1 ? "y" : "ies");
	if (quirks)
		fprintf(out, ", %zu with quirks", quirks);
	return true;
}

void report_surprises(const struct results_reader *reader, FILE *out)
{
	size_t surprises = reader_count(reader, VERDICT_FAIL) +
			reader_count(reader, VERDICT_BROKEN) +
			reader_count(reader, VERDICT_CHANGED);

	if (!results_complete(reader_head(reader)))
		fputs("incomplete", out);
	else if (surprises)
		fprintf(out, "%zu surprise%s", surprises, text_plural(surprises));
	else
		fputs(reader_good(reader) ? "no surprise" : "nothing shown", out);
}

void report_headline(const struct certification_profile *profile, struct results_reader *reader,
		escape_fn *escape, FILE *out)
{
	if (report_certified(profile, reader, out))
		fputs("; ", out);
	report_surprises(reader, out);
	fputs(": ", out);
	report_counts(reader, escape, out);
}

const char *report_reason(const struct check_result *check)
{
	return check->reason ? check->reason : "no reason given";
}

void report_fact(const struct record *fact, escape_fn *escape, FILE *out)
{
	const struct record *value = record_get(fact, "value");
	const char *unit = record_str(fact, "unit", NULL);

	if (record_text(value)) {
		escape(record_text(value), out);
	} else if (value) {
		CLEANUP(cleanup_free) char *printed = record_print(value);

		escape(printed, out);
	}
	if (unit) {
		fputc(' ', out);
		escape(unit, out);
	}
}

void report_card(const struct record *head, escape_fn *escape, FILE *out)
{
	const struct record *identity = record_get(head, "identity");
	const struct record *card = record_get(identity ? identity : head, "card");

	escape(record_str(card, "model", "Unidentified card"), out);
	if (record_str(card, "vendor", NULL)) {
		fputs(" (", out);
		escape(record_str(card, "vendor", ""), out);
		fputc(':', out);
		escape(record_str(card, "device", ""), out);
		fputc(')', out);
	}
}

const char *report_origin(const struct record *head)
{
	const struct record *rig = record_get(record_get(head, "identity"), "rig");
	const char *origin = record_str(rig, "origin", "");

	if (!strcmp(origin, "emulated"))
		return "Emulated card: this certifies the emulation and says nothing about "
		       "silicon.";
	if (!strcmp(origin, "silicon"))
		return "Silicon: observed on the card itself.";
	return "It is not known whether the card is emulated or silicon.";
}

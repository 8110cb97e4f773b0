/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

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

bool tally_complete(const struct record *head)
{
	return record_bool(record_get(head, "run"), "complete", true);
}

void tally_counts(const struct results_reader *reader, TALLY_ESCAPE, FILE *out)
{
	static const char *const phrases[VERDICTS] = { "", "fail", "skipped", "broken",
		"known to fail", "changed" };
	const struct record *run = record_get(reader_head(reader), "run");

	if (!tally_complete(reader_head(reader))) {
		escape(record_str(run, "why", "the run did not end"), out);
		fputs("; ", out);
	}
	fprintf(out, "%zu of %zu checks pass", reader_count(reader, RESULT_PASS),
			reader_length(reader));
	for (int i = RESULT_FAIL; i < VERDICTS; i++) {
		size_t count = reader_count(reader, i);

		if (count)
			fprintf(out, ", %zu %s", count, phrases[i]);
	}
	if (record_length(record_get(run, "not_run")))
		fprintf(out, ", %zu did not run", record_length(record_get(run, "not_run")));
}

void tally_headline(const struct results_reader *reader, TALLY_ESCAPE, FILE *out)
{
	bool complete = tally_complete(reader_head(reader));

	fputs(!complete ? "Incomplete: " : reader_good(reader) ? "Passed: " : "Not passed: ", out);
	tally_counts(reader, escape, out);
}

void tally_fact(const struct record *fact, TALLY_ESCAPE, FILE *out)
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

void tally_card(const struct record *head, TALLY_ESCAPE, FILE *out)
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

const char *tally_origin(const struct record *head)
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

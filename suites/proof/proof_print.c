/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/table.h"
#include "proof/proof.h"
#include "reports/certificate/proof_summary.h"

/* The detection matrix for people: defect by check. */

/* The text of a cell, for each list of the defect that can contain the check. */
static const struct {
	const char *list, *word;
} cells[] = { { "caught", "caught" }, { "missed", "MISSED" }, { "false_alarms", "FALSE ALARM" },
	{ "broken", "broken" }, { "allowed", "allowed" }, { "changed", "changed" } };

#define DETAILED 4 /* the lists 1 to 3 are printed with their notes */
#define CELLS    (sizeof(cells) / sizeof(*cells))

static const char *cell(const struct record *entry, const char *check)
{
	for (size_t k = 0; k < CELLS; k++) {
		if (record_has_text(record_get(entry, cells[k].list), check))
			return cells[k].word;
	}
	return "";
}

static size_t count_of(const struct record *entry, const char *list)
{
	return record_length(record_get(entry, list));
}

static const char *count_or_dash(size_t count, char text[24])
{
	snprintf(text, 24, "%zu", count);
	return count ? text : "-";
}

/* " on TOPOLOGY" after the name of what names its topology. */
static void print_topology(
		const struct record *entry, void (*escape)(const char *text, FILE *out), FILE *out)
{
	const char *topology = record_str(entry, "topology", NULL);

	if (!topology)
		return;
	fputs(" on ", out);
	escape(topology, out);
}

void proof_print_row(const struct record *row, size_t number, size_t count, FILE *out)
{
	fprintf(out, "%zu/%zu ", number, count);
	escape_terminal(record_str(row, "id", ""), out);
	print_topology(row, escape_terminal, out);
	if (record_bool(row, "null", false))
		fputs(": null", out);
	else
		fprintf(out, ": %zu of %zu caught", count_of(row, "caught"),
				count_of(row, "expected"));
	for (size_t k = 1; k < DETAILED; k++) {
		if (count_of(row, cells[k].list))
			fprintf(out, ", %zu %s", count_of(row, cells[k].list), cells[k].word);
	}
	fprintf(out, ", %lld checks, %.1f s%s\n", (long long)record_int(row, "checks", 0),
			record_real(row, "total_s", 0),
			record_str(row, "error", NULL) ? ", NOT TRIED TO THE END" : "");
}

static void print_details(const struct record *entry, FILE *out)
{
	const struct record *notes = record_get(entry, "notes");

	for (size_t k = 1; k < DETAILED; k++) {
		const struct record *list = record_get(entry, cells[k].list);

		for (size_t i = 0; i < record_length(list); i++) {
			const char *id = record_text(record_at(list, i));

			fprintf(out, "%s: ", cells[k].word);
			escape_terminal(id, out);
			fputs(" on ", out);
			escape_terminal(record_str(entry, "id", ""), out);
			if (record_str(notes, id, NULL)) {
				fputs(": ", out);
				escape_terminal(record_str(notes, id, NULL), out);
			}
			fputc('\n', out);
		}
	}
	if (record_str(entry, "error", NULL)) {
		fputs("not tried to the end: ", out);
		escape_terminal(record_str(entry, "id", ""), out);
		fputs(": ", out);
		escape_terminal(record_str(entry, "error", NULL), out);
		fputc('\n', out);
	}
}

static void print_unsound(const struct record *sound, FILE *out)
{
	const struct record *failures = record_get(sound, "failures");

	for (size_t i = 0; i < record_length(failures); i++) {
		fputs("not sound without a defect: ", out);
		escape_terminal(record_text(record_at(failures, i)), out);
		print_topology(sound, escape_terminal, out);
		fputc('\n', out);
	}
}

static void print_sound(const struct record *proof, FILE *out)
{
	const struct record *first = record_get(proof, "sound");
	const struct record *others = record_get(first, "others");

	print_unsound(first, out);
	for (size_t i = 0; i < record_length(others); i++)
		print_unsound(record_at(others, i), out);
}

static void print_total(const struct record *proof, FILE *out)
{
	const struct record *defects = record_get(proof, "defects");
	size_t nulls = 0, expected = 0, caught = 0, missed = 0, alarms = 0;
	const char *why = record_str(record_get(proof, "run"), "why", NULL);

	for (size_t i = 0; i < record_length(defects); i++) {
		const struct record *entry = record_at(defects, i);

		nulls += record_bool(entry, "null", false);
		expected += count_of(entry, "expected");
		caught += count_of(entry, "caught");
		missed += count_of(entry, "missed");
		alarms += count_of(entry, "false_alarms");
	}
	fprintf(out, "%s: ", proof_holds(proof) ? "Proved" : "Not proved");
	if (why) {
		escape_terminal(why, out);
		fputs("; ", out);
	}
	fprintf(out, "%.0f s; ", record_real(record_get(proof, "run"), "duration_s", 0));
	fprintf(out,
			"%zu defects and %zu null defects, %zu of %zu detections, %zu missed, %zu "
			"false alarms\n",
			record_length(defects) - nulls, nulls, caught, expected, missed, alarms);
}

/* A check that has never been seen to fail may be unable to. */
static void print_reach(
		const struct record *proof, void (*escape)(const char *text, FILE *out), FILE *out)
{
	const struct record *unproved = record_get(proof, "unproved");

	if (!record_length(unproved))
		return;
	fprintf(out, "%zu checks of these suites have caught nothing yet:",
			record_length(unproved));
	for (size_t i = 0; i < record_length(unproved); i++) {
		fputc(' ', out);
		escape(record_text(record_at(unproved, i)), out);
	}
	fputc('\n', out);
}

/* Joins the texts with spaces; the caller frees the result. */
static char *join(const struct record *texts)
{
	char *joined = NULL;
	size_t length;
	FILE *out = open_memstream(&joined, &length);

	if (!out)
		abort();
	for (size_t i = 0; i < record_length(texts); i++)
		fprintf(out, "%s%s", i ? " " : "", record_text(record_at(texts, i)));
	fclose(out);
	return joined;
}

int proof_print(const struct record *proof, FILE *out)
{
	static const char *const headings[] = { "DEFECT", "CHECKS RUN", "CAUGHT", "MISSED",
		"FALSE ALARMS", "TIME", "CAUGHT BY" };
	CLEANUP(cleanup_table) struct table *table = table_new(7, headings);
	const struct record *defects = record_get(proof, "defects");

	for (size_t i = 0; i < record_length(defects); i++) {
		const struct record *entry = record_at(defects, i);
		const struct record *caught = record_get(entry, "caught");
		CLEANUP(cleanup_free) char *ids = join(caught);
		const char *topology = record_str(entry, "topology", NULL);
		char text[24];

		table_cell(table, "%s%s%s", record_str(entry, "id", ""), topology ? " on " : "",
				topology ? topology : "");
		table_cell(table, "%lld", (long long)record_int(entry, "checks", 0));
		if (record_bool(entry, "null", false))
			table_cell(table, "null");
		else
			table_cell(table, "%zu of %zu", record_length(caught),
					count_of(entry, "expected"));
		table_cell(table, "%s", count_or_dash(count_of(entry, "missed"), text));
		table_cell(table, "%s", count_or_dash(count_of(entry, "false_alarms"), text));
		table_cell(table, "%.1f s", record_real(entry, "total_s", 0));
		table_cell(table, "%s", ids);
	}
	table_print(table, out);
	for (size_t i = 0; i < record_length(defects); i++)
		print_details(record_at(defects, i), out);
	print_sound(proof, out);
	print_reach(proof, escape_terminal, out);
	print_total(proof, out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* Returns the checks in any list of any defect, in the order of the defects. */
static struct record *checks_of(const struct record *defects)
{
	CLEANUP(cleanup_record) struct record *seen = record_object();
	struct record *checks = record_array();

	for (size_t i = 0; i < record_length(defects); i++) {
		for (size_t k = 0; k < CELLS; k++) {
			const struct record *list =
					record_get(record_at(defects, i), cells[k].list);

			for (size_t n = 0; n < record_length(list); n++) {
				const char *id = record_text(record_at(list, n));

				if (record_get(seen, id))
					continue;
				record_put_bool(seen, id, true);
				record_add_str(checks, id);
			}
		}
	}
	return checks;
}

int proof_markdown(const struct record *proof, FILE *out)
{
	const struct record *defects = record_get(proof, "defects");
	CLEANUP(cleanup_record) struct record *checks = checks_of(defects);

	fputs("## vfcert: detection matrix\n\n", out);
	print_total(proof, out);
	fputs("\n| Check |", out);
	for (size_t i = 0; i < record_length(defects); i++) {
		fputc(' ', out);
		escape_markdown(record_str(record_at(defects, i), "id", ""), out);
		fputs(" |", out);
	}
	fputs("\n|---|", out);
	for (size_t i = 0; i < record_length(defects); i++)
		fputs("---|", out);
	for (size_t n = 0; n < record_length(checks); n++) {
		const char *id = record_text(record_at(checks, n));

		fputs("\n| ", out);
		escape_markdown(id, out);
		fputs(" |", out);
		for (size_t i = 0; i < record_length(defects); i++)
			fprintf(out, " %s |", cell(record_at(defects, i), id));
	}
	fputs("\n\n", out);
	print_reach(proof, escape_markdown, out);
	fputs("\n| Defect | What it is |\n|---|---|\n", out);
	for (size_t i = 0; i < record_length(defects); i++) {
		fputs("| ", out);
		escape_markdown(record_str(record_at(defects, i), "id", ""), out);
		print_topology(record_at(defects, i), escape_markdown, out);
		fputs(" | ", out);
		escape_markdown(record_str(record_at(defects, i), "title", ""), out);
		fputs(" |\n", out);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}

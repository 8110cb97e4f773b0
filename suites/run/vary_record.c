/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/table.h"
#include "base/timestamp.h"
#include "reports/results/results_reader.h"
#include "run/vary.h"

/* The record of the combinations, and the table for people. */

#define NOT_RUN "not run"
#define SKIPPED "skipped"

static const char *const words[] = { [EXIT_GOOD] = "good",
	[EXIT_FAILED] = "failed",
	[EXIT_USAGE] = "unusable",
	[EXIT_UNUSABLE] = "unusable" };

static struct record *entry_at(struct record *record, size_t index)
{
	return record_edit_at(record_edit(record, "combinations"), index);
}

struct record *vary_begin(const struct vary *vary, const char *command)
{
	struct record *record = record_object(), *run = record_object(), *list = record_array();
	char started[TIMESTAMP_SIZE];

	record_put_str(run, "started", timestamp_format(time(NULL), started));
	record_put_str(run, "command", command);
	record_put_bool(run, "complete", false);
	for (size_t i = 0; i < vary_count(vary); i++) {
		CLEANUP(cleanup_free) char *name = vary_name(vary, i);
		struct record *entry = record_object();

		record_put_str(entry, "name", name);
		for (int axis = 0; axis < VARY_AXES; axis++)
			record_put_str(entry, vary_axis_name((enum vary_axis)axis),
					vary_value(vary, i, (enum vary_axis)axis));
		record_put_str(entry, "status", NOT_RUN);
		record_put_null(entry, "why");
		record_add(list, entry);
	}
	record_put_str(record, "schema", "vfcert-vary/1");
	record_put(record, "run", run);
	record_put(record, "combinations", list);
	return record;
}

/* Returns the failures and other unexpected verdicts. */
static struct record *unexpected_of(const struct record *results)
{
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(results);
	struct record *list = record_array();

	for (size_t i = 0; i < reader_length(reader); i++) {
		enum verdict verdict = reader_verdict(reader, i);
		struct record *item;

		if (verdict != VERDICT_FAIL && verdict != VERDICT_BROKEN &&
				verdict != VERDICT_CHANGED)
			continue;
		item = record_object();
		record_put_str(item, "check", reader_id(reader, i));
		record_put_str(item, "verdict", verdict_words[verdict]);
		record_put_str(item, "reason", reader_check(reader, i)->reason);
		record_add(list, item);
	}
	return list;
}

static void copy_member(struct record *to, const struct record *from, const char *key)
{
	record_put(to, key, from ? record_copy(from) : record_object());
}

void vary_settle(struct record *record, size_t index, enum exit_status status,
		const struct record *results)
{
	struct record *entry = entry_at(record, index);
	const struct record *run = record_get(results, "run");
	const struct record *identity = record_get(results, "identity");
	struct record *software = record_object();

	record_put_str(software, "kernel",
			record_str(record_get(identity, "software"), "kernel", NULL));
	record_put_str(software, "qemu", record_str(record_get(identity, "rig"), "qemu", NULL));
	record_put_str(entry, "status", words[status]);
	record_put_str(entry, "why", record_str(run, "why", NULL));
	copy_member(entry, record_get(identity, "card"), "card");
	record_put(entry, "software", software);
	copy_member(entry, record_get(results, "summary"), "summary");
	record_put(entry, "unexpected", unexpected_of(results));
	record_put_real(entry, "total_s",
			record_real(run, "rig_up_s", 0) + record_real(run, "duration_s", 0));
}

void vary_skip(struct record *record, size_t index, const char *why)
{
	record_put_str(entry_at(record, index), "status", SKIPPED);
	record_put_str(entry_at(record, index), "why", why);
}

void vary_complete(struct record *record)
{
	record_put_bool(record_edit(record, "run"), "complete", true);
}

enum exit_status vary_worst(const struct record *record)
{
	const struct record *list = record_get(record, "combinations");
	enum exit_status worst = EXIT_GOOD;
	size_t skipped = 0;

	for (size_t i = 0; i < record_length(list); i++) {
		const char *status = record_str(record_at(list, i), "status", "");

		if (!strcmp(status, SKIPPED))
			skipped++;
		else if (!strcmp(status, words[EXIT_FAILED]))
			worst = worst > EXIT_FAILED ? worst : EXIT_FAILED;
		else if (strcmp(status, words[EXIT_GOOD]))
			worst = EXIT_UNUSABLE;
	}
	return skipped == record_length(list) ? EXIT_UNUSABLE : worst;
}

static const char *first_word(const char *text, char word[32])
{
	snprintf(word, 32, "%.*s", (int)strcspn(text, " "), text);
	return word;
}

static void add_row(struct table *table, const struct record *entry)
{
	const struct record *software = record_get(entry, "software");
	const struct record *summary = record_get(entry, "summary");
	char qemu[32];

	table_cell(table, "%s", record_str(entry, "name", ""));
	table_cell(table, "%s", record_str(software, "kernel", "-"));
	table_cell(table, "%s", first_word(record_str(software, "qemu", "-"), qemu));
	for (int verdict = 0; verdict < VERDICTS; verdict++)
		table_cell(table, "%lld",
				(long long)record_int(summary, verdict_words[verdict], 0));
	table_cell(table, "%.0f s", record_real(entry, "total_s", 0));
	table_cell(table, "%s", record_str(entry, "status", ""));
}

static void print_unexpected(const struct record *entry, FILE *out)
{
	const struct record *list = record_get(entry, "unexpected");
	const char *why = record_str(entry, "why", NULL);

	if (why) {
		fprintf(out, "%s: %s: ", record_str(entry, "status", ""),
				record_str(entry, "name", ""));
		escape_terminal(why, out);
		fputc('\n', out);
	}
	for (size_t i = 0; i < record_length(list); i++) {
		const struct record *item = record_at(list, i);

		fprintf(out, "%s: %s: ", record_str(item, "verdict", ""),
				record_str(entry, "name", ""));
		escape_terminal(record_str(item, "check", ""), out);
		if (record_str(item, "reason", NULL)) {
			fputs(": ", out);
			escape_terminal(record_str(item, "reason", ""), out);
		}
		fputc('\n', out);
	}
}

int vary_print(const struct record *record, FILE *out)
{
	static const char *const headings[] = { "COMBINATION", "KERNEL", "QEMU", "PASS", "FAIL",
		"SKIP", "BROKEN", "KNOWN", "CHANGED", "TIME", "STATUS" };
	CLEANUP(cleanup_table) struct table *table = table_new(11, headings);
	const struct record *list = record_get(record, "combinations");
	size_t good = 0, skipped = 0;

	for (size_t i = 0; i < record_length(list); i++) {
		const char *status = record_str(record_at(list, i), "status", "");

		add_row(table, record_at(list, i));
		good += !strcmp(status, words[EXIT_GOOD]);
		skipped += !strcmp(status, SKIPPED);
	}
	table_print(table, out);
	for (size_t i = 0; i < record_length(list); i++)
		print_unexpected(record_at(list, i), out);
	fprintf(out, "%zu of %zu combinations are good", good, record_length(list) - skipped);
	if (skipped)
		fprintf(out, ", %zu skipped", skipped);
	fputc('\n', out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

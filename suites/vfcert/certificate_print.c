/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfcert/certificate_print.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "reports/results/capability.h"

static void print_json(
		const struct record *statement, const char *id, const struct rejection *rejection)
{
	CLEANUP(cleanup_record) struct record *record = record_object();
	CLEANUP(cleanup_free) char *text = NULL;
	bool rejected = *rejection->name;

	record_put_bool(record, "accepted", !rejected);
	record_put_str(record, "refusal", rejected ? rejection->name : NULL);
	record_put_str(record, "why", rejected ? rejection->why : NULL);
	record_put_str(record, "key", id);
	if (statement)
		record_put(record, "statement", record_copy(statement));
	else
		record_put_null(record, "statement");
	text = record_print_pretty(record);
	puts(text);
}

static void line(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(const char *what, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	printf("%-11s ", what);
	text_print_safe(text, stdout);
	putchar('\n');
}

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

static void print_proof(const struct record *proof, const struct record *passed)
{
	const struct record *checks = record_get(proof, "checks");
	int64_t defects = record_int(proof, "defects", 0), nulls = record_int(proof, "nulls", 0);
	size_t proven = 0;

	if (record_type(proof) != RECORD_OBJECT) {
		line("proof", "none: the checks were not shown to fail on broken rigs");
		return;
	}
	for (size_t i = 0; i < record_length(checks); i++)
		proven += record_has_text(passed, record_text(record_at(checks, i)));
	line("proof",
			"%zu of the %zu that pass have failed on %lld rig%s broken on purpose; %lld harmless "
			"change%s made none fail",
			proven, record_length(passed), (long long)defects, plural(defects),
			(long long)nulls, plural(nulls));
}

static void print_tests(const struct record *predicate)
{
	line("checks", "%s: %zu pass, %zu fail as quirks predict, %zu fail",
			record_str(predicate, "result", "?"),
			record_length(record_get(predicate, "passedTests")),
			record_length(record_get(predicate, "warnedTests")),
			record_length(record_get(predicate, "failedTests")));
}

static void print_capabilities(const struct record *capabilities)
{
	CLEANUP(cleanup_table)
	struct table *table = table_new(3, (const char *const[]){ "CAPABILITY", "STATE", "WHY" });

	for (size_t i = 0; i < record_length(capabilities); i++) {
		const struct record *entry = record_at(capabilities, i);

		table_cell(table, "%s", record_str(entry, "id", "?"));
		table_cell(table, "%s", record_str(entry, "state", "?"));
		table_cell(table, "%.100s", record_str(entry, "reason", ""));
	}
	table_print(table, stdout);
}

static void print_statement(const struct record *statement, const char *id)
{
	const struct record *part = certificate_part(statement);
	const struct record *identity = record_get(part, "identity");
	const struct record *card = record_get(identity, "card");
	const struct record *software = record_get(identity, "software");

	line("card", "%s (%s:%s), %s", record_str(card, "model", "?"),
			record_str(card, "vendor", "?"), record_str(card, "device", "?"),
			record_str(part, "origin", "?"));
	line("software", "kernel %s, driver %s %s, firmware %s",
			record_str(software, "kernel", "?"), record_str(software, "driver", "?"),
			record_str(software, "driver_version", "?"),
			record_str(software, "firmware", "?"));
	line("profile", "%s", record_str(part, "profile", "?"));
	line("valid", "%s to %s", record_str(part, "issued", "?"),
			record_str(part, "expires", "?"));
	line("serial", "%s", record_str(part, "serial", "?"));
	line("key", "%s", id ? id : "?");
	print_tests(record_get(statement, "predicate"));
	print_proof(record_get(part, "proof"),
			record_get(record_get(statement, "predicate"), "passedTests"));
	putchar('\n');
	print_capabilities(record_get(part, "capabilities"));
}

int certificate_print(const struct verb_call *call, const struct record *statement,
		const struct key *key, const struct rejection *rejection)
{
	char id[DIGEST_TEXT];

	if (key)
		key_id(key, id);
	if (call_has(call, "json"))
		print_json(statement, key ? id : NULL, rejection);
	else if (*rejection->name)
		line("rejected", "(%s) %s", rejection->name, rejection->why);
	else
		print_statement(statement, key ? id : NULL);
	return *rejection->name ? EXIT_FAILED : EXIT_GOOD;
}

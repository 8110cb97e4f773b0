/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/formats/formats_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "data/digest.h"
#include "reports/text/report_text.h"

/*
 * KCIDB's exchange format, version 5.3 (kernelci/kcidb-io, kcidb_io/schema/v05_03.py). The kernel
 * under test is the checkout and the build, with the identity of card and rig beside it. Every
 * check is a test, and every measured fact with a unit is a test of its own with status DONE. A
 * quirk is an issue, and the checks that it explains are its incidents: "known" is a failure with
 * an incident, "changed" a pass at which the issue is absent.
 *
 * The schema allows no null and no other members, and in a path only letters, digits, '_', '-' and
 * dots.
 */

#define EXCERPT_LIMIT 16000 /* of 16,384 characters */

struct kcidb {
	struct results_reader *reader;
	const char *origin;
	const struct record *run, *identity;
	char *card;
	char run_id[17], build_id[17];
	time_t started;
	FILE *out;
};

static void put_id(struct record *object, const struct kcidb *kcidb, const char *key,
		const char *format, const char *a, const char *b)
{
	CLEANUP(cleanup_free) char *rest = text_format(format, a, b);

	record_put_strf(object, key, "%s:%s", kcidb->origin, rest);
}

static void put_text(struct record *object, const char *key, const char *text)
{
	if (text && *text)
		record_put_str(object, key, text);
}

static void put_time(struct record *object, const struct kcidb *kcidb, double after_s)
{
	time_t at = kcidb->started + (time_t)after_s;
	char text[32];
	struct tm utc;

	if (!kcidb->started)
		return;
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S+00:00", gmtime_r(&at, &utc));
	record_put_str(object, "start_time", text);
}

/* Prints the next element of a list, one per line. */
static void print_next(const struct kcidb *kcidb, bool *first, struct record *element)
{
	CLEANUP(cleanup_free) char *text = record_print(element);

	fprintf(kcidb->out, "%s\n%s", *first ? "" : ",", text);
	*first = false;
	record_free(element);
}

static struct record *object_of(const struct kcidb *kcidb)
{
	struct record *object = record_object();

	record_put_str(object, "origin", kcidb->origin);
	return object;
}

static void print_kernel(const struct kcidb *kcidb)
{
	const struct record *software = record_get(kcidb->identity, "software");
	const char *release = record_str(software, "kernel", "unknown");
	struct record *checkout = object_of(kcidb), *build = object_of(kcidb);
	bool first = true;

	put_id(checkout, kcidb, "id", "kernel-%s%s", kcidb->build_id, "");
	record_put_str(checkout, "git_commit_name", release);
	record_put_str(checkout, "comment", "The kernel of the machine under test");
	record_put_bool(checkout, "valid", true);
	fputs("\"checkouts\":[", kcidb->out);
	print_next(kcidb, &first, checkout);
	put_id(build, kcidb, "id", "build-%s%s", kcidb->build_id, "");
	put_id(build, kcidb, "checkout_id", "kernel-%s%s", kcidb->build_id, "");
	put_text(build, "comment", record_str(software, "kernel_build", NULL));
	record_put(build, "misc", record_copy(kcidb->identity));
	fputs("\n],\n\"builds\":[", kcidb->out);
	first = true;
	print_next(kcidb, &first, build);
	fputs("\n],\n", kcidb->out);
}

/* TEXT as one element of a path. */
static char *path_element(const char *text)
{
	char *element = text_format("%s", text);

	for (char *c = element; *c; c++)
		*c = isalnum((unsigned char)*c) || *c == '-' || *c == '_' ? *c : '-';
	return element;
}

/* Our own ids keep the dots between their elements. */
static char *path_of(const char *id)
{
	char *path = text_format("%s", id);

	for (char *c = path; *c; c++)
		*c = isalnum((unsigned char)*c) || strchr("-_", *c) ||
						(*c == '.' && c != path && c[-1] != '.' && c[1])
				? *c
				: '-';
	return path;
}

static struct record *test_of(const struct kcidb *kcidb, const char *path, const char *status)
{
	struct record *test = object_of(kcidb);

	put_id(test, kcidb, "id", "%s.%s", kcidb->run_id, path);
	put_id(test, kcidb, "build_id", "build-%s%s", kcidb->build_id, "");
	record_put_str(test, "path", path);
	record_put_str(test, "status", status);
	return test;
}

static void put_log(struct record *test, const struct record *log)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length = 0;
	FILE *out = record_length(log) ? open_memstream(&text, &length) : NULL;

	if (!out)
		return;
	for (size_t i = 0; i < record_length(log); i++)
		fprintf(out, "%s\n", record_text(record_at(log, i)));
	if (fclose(out))
		return;
	if (length > EXCERPT_LIMIT) {
		char *end = memrchr(text, '\n', EXCERPT_LIMIT);

		*(end ? end : text) = '\0'; /* never within a character */
	}
	put_text(test, "log_excerpt", text);
}

static void print_measurements(const struct kcidb *kcidb, const struct check_result *check,
		const char *path, bool *first)
{
	const struct record *evidence = check->evidence;

	for (size_t i = 0; i < record_length(evidence); i++) {
		const struct record *fact = record_at(evidence, i);
		CLEANUP(cleanup_free) char *name = path_element(record_str(fact, "name", ""));
		CLEANUP(cleanup_free) char *whole = NULL;
		struct record *test, *number;

		if (!record_is_number(record_get(fact, "value")) || !record_str(fact, "unit", NULL))
			continue;
		whole = text_format("%s.%s-%zu", path, name, i);
		test = test_of(kcidb, whole, "DONE");
		number = record_object();
		record_put(number, "value", record_copy(record_get(fact, "value")));
		record_put_str(number, "unit", record_str(fact, "unit", NULL));
		record_put(test, "number", number);
		record_put_str(test, "comment", record_str(fact, "name", ""));
		print_next(kcidb, first, test);
	}
}

static void print_test(const struct kcidb *kcidb, size_t index, bool *first)
{
	static const char *const statuses[VERDICTS] = { "PASS", "FAIL", "SKIP", "ERROR", "FAIL",
		"PASS" };
	const struct check_result *check = reader_check(kcidb->reader, index);
	CLEANUP(cleanup_free) char *path = path_of(check->id);
	struct record *test = test_of(kcidb, path, statuses[check->verdict]);
	struct record *misc = record_object(), *environment = record_object();

	put_text(test, "comment", check->title);
	put_time(test, kcidb, check->at_s > 0 ? check->at_s : 0);
	record_put_real(test, "duration", check->duration_s);
	put_text(environment, "comment", kcidb->card);
	record_put(test, "environment", environment);
	put_log(test, check->log);
	record_put_str(misc, "verdict", verdict_words[check->verdict]);
	put_text(misc, "reason", check->reason);
	put_text(misc, "observed", check->observed);
	if (record_length(check->evidence))
		record_put(misc, "evidence", record_copy(check->evidence));
	record_put(test, "misc", misc);
	print_next(kcidb, first, test);
	print_measurements(kcidb, check, path, first);
}

static void print_tests(const struct kcidb *kcidb)
{
	const struct record *not_run = record_get(kcidb->run, "not_run");
	bool first = true;

	fputs("\"tests\":[", kcidb->out);
	for (size_t i = 0; i < reader_length(kcidb->reader); i++)
		print_test(kcidb, i, &first);
	for (size_t i = 0; i < record_length(not_run); i++) {
		const char *id = record_text(record_at(not_run, i));
		CLEANUP(cleanup_free) char *path = path_of(id ? id : "unknown");
		struct record *test = test_of(kcidb, path, "MISS");

		put_text(test, "comment", record_str(kcidb->run, "why", NULL));
		print_next(kcidb, &first, test);
	}
	fputs("\n]", kcidb->out);
}

/* The check at INDEX if a quirk decided its verdict; else NULL. */
static const struct check_result *quirk_check(const struct kcidb *kcidb, size_t index)
{
	enum verdict verdict = reader_verdict(kcidb->reader, index);
	const struct check_result *check;

	if (verdict != VERDICT_KNOWN && verdict != VERDICT_CHANGED)
		return NULL;
	check = reader_check(kcidb->reader, index);
	return check->quirk ? check : NULL;
}

static void print_issues(const struct kcidb *kcidb)
{
	CLEANUP(cleanup_record) struct record *seen = record_object();
	bool first = true;

	fputs(",\n\"issues\":[", kcidb->out);
	for (size_t i = 0; i < reader_length(kcidb->reader); i++) {
		const struct check_result *check = quirk_check(kcidb, i);
		struct record *issue;

		if (!check || record_get(seen, check->quirk))
			continue;
		record_put_bool(seen, check->quirk, true);
		issue = object_of(kcidb);
		put_id(issue, kcidb, "id", "%s%s", check->quirk, "");
		record_put_int(issue, "version", 1);
		put_text(issue, "comment", check->reason);
		print_next(kcidb, &first, issue);
	}
	fputs("\n]", kcidb->out);
}

static void print_incidents(const struct kcidb *kcidb)
{
	bool first = true;

	fputs(",\n\"incidents\":[", kcidb->out);
	for (size_t i = 0; i < reader_length(kcidb->reader); i++) {
		const struct check_result *check = quirk_check(kcidb, i);
		CLEANUP(cleanup_free) char *path = NULL;
		struct record *incident;

		if (!check)
			continue;
		path = path_of(check->id);
		incident = object_of(kcidb);
		put_id(incident, kcidb, "id", "%s.%s", kcidb->run_id, path);
		put_id(incident, kcidb, "issue_id", "%s%s", check->quirk, "");
		record_put_int(incident, "issue_version", 1);
		put_id(incident, kcidb, "test_id", "%s.%s", kcidb->run_id, path);
		record_put_bool(incident, "present", check->verdict == VERDICT_KNOWN);
		print_next(kcidb, &first, incident);
	}
	fputs("\n]", kcidb->out);
}

/* Names the run and the kernel by the first digits of a digest of what identifies each. */
static void name_run(struct kcidb *kcidb)
{
	const struct record *parts[] = { kcidb->run, kcidb->identity };
	const struct record *software = record_get(kcidb->identity, "software");
	struct digest *digest = digest_begin();
	char text[DIGEST_TEXT];

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		CLEANUP(cleanup_free) char *printed = record_print(parts[i]);

		digest_add_str(digest, printed);
	}
	digest_end(digest, text);
	snprintf(kcidb->run_id, sizeof(kcidb->run_id), "%.16s", text);
	digest = digest_begin();
	digest_add_str(digest, record_str(software, "kernel", ""));
	digest_add_str(digest, record_str(software, "kernel_build", ""));
	digest_end(digest, text);
	snprintf(kcidb->build_id, sizeof(kcidb->build_id), "%.16s", text);
	timestamp_parse(record_str(kcidb->run, "started", ""), &kcidb->started);
}

static void put_plain(const char *text, FILE *out)
{
	fputs(text, out);
}

int format_kcidb(struct results_reader *reader, const struct format_options *options, FILE *out)
{
	const struct record *head = reader_head(reader);
	size_t length;
	struct kcidb kcidb = { .reader = reader,
		.origin = options->origin,
		.run = record_get(head, "run"),
		.identity = record_get(head, "identity"),
		.out = out };

	FILE *card = open_memstream(&kcidb.card, &length);

	if (!card)
		return -ENOMEM;
	report_card(head, put_plain, card);
	fclose(card);
	name_run(&kcidb);
	fputs("{\"version\":{\"major\":5,\"minor\":3},\n", out);
	print_kernel(&kcidb);
	print_tests(&kcidb);
	print_issues(&kcidb);
	print_incidents(&kcidb);
	fputs("}\n", out);
	free(kcidb.card);
	return reader_flush(reader, out);
}

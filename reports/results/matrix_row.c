/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/matrix_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "reports/results/capability.h"

/* One fact of the host's is enough to know that not all is the guest's word. */
static struct record *witnesses_of(const struct record *evidence)
{
	struct record *witnesses = record_array();

	for (size_t i = 0; i < record_length(evidence); i++) {
		const char *by = record_str(record_at(evidence, i), "by", NULL);
		struct record *witness = record_object();

		record_put_str(witness, "by", by ? by : "host");
		record_add(witnesses, witness);
		if (!by)
			break;
	}
	return witnesses;
}

static void put_details(struct record *part, const struct record *check)
{
	static const char *const members[] = { "reason", "quirk", "need" };

	for (size_t k = 0; k < sizeof(members) / sizeof(*members); k++) {
		if (record_str(check, members[k], NULL))
			record_put_str(part, members[k], record_str(check, members[k], NULL));
	}
	record_put(part, "evidence", witnesses_of(record_get(check, "evidence")));
}

static bool is_mandatory(const struct capability *capability, const char *id)
{
	for (size_t i = 0; i < record_length(capability->mandatory); i++) {
		if (!strcmp(record_text(record_at(capability->mandatory, i)), id))
			return true;
	}
	return false;
}

/* Of each capability of the profile, in its order. */
struct count {
	int64_t pass, total;
	bool has_pass; /* among the judged */
};

/* The checks that decide on capabilities. Of passes that nothing demands one stands for all: that
 * there are more changes no verdict, and they are most. */
static struct record *judged_part(struct results_reader *reader,
		const struct certification_profile *profile, struct count *counts)
{
	struct record *results = record_copy(reader_head(reader)), *checks = record_array();
	const struct record *rig = record_get(record_get(results, "identity"), "rig");
	const char *origin = record_str(rig, "origin", "unknown");

	for (size_t i = 0; i < reader_length(reader); i++) {
		const char *id = reader_id(reader, i);
		const struct capability *capability = cert_profile_capability(profile, id);
		enum verdict verdict = reader_verdict(reader, i);
		struct count *count;
		struct record *part;
		bool plain;

		if (!capability)
			continue;
		count = &counts[capability - profile->list];
		count->total++;
		count->pass += verdict == VERDICT_PASS;
		plain = verdict == VERDICT_PASS && !is_mandatory(capability, id) &&
				!strcmp(reader_origin(reader, i), origin);
		if (plain && count->has_pass)
			continue;
		count->has_pass = count->has_pass || plain;
		part = record_object();
		record_put_str(part, "id", id);
		record_put_str(part, "verdict", verdict_words[verdict]);
		record_put_str(part, "origin", reader_origin(reader, i));
		if (!plain)
			put_details(part, reader_check(reader, i));
		record_add(checks, part);
	}
	record_put(results, "checks", checks);
	return results;
}

static struct record *slim_entry(const struct record *entry, const struct count *count)
{
	struct record *slim = record_object();

	record_put_str(slim, "id", record_str(entry, "id", ""));
	record_put_str(slim, "state", record_str(entry, "state", ""));
	record_put_str(slim, "reason", record_str(entry, "reason", NULL));
	record_put_int(slim, "pass", count->pass);
	record_put_int(slim, "total", count->total);
	return slim;
}

static struct record *capabilities_of(
		struct results_reader *reader, const struct certification_profile *profile)
{
	CLEANUP(cleanup_free)
	struct count *counts = calloc(profile->count + 1, sizeof(*counts));
	CLEANUP(cleanup_record) struct record *results = NULL, *array = NULL;
	struct record *slim = record_array();

	if (!counts)
		abort();
	results = judged_part(reader, profile, counts);
	array = capability_assess(profile, results);
	for (size_t i = 0; i < record_length(array); i++)
		record_add(slim, slim_entry(record_at(array, i), &counts[i]));
	return slim;
}

static void copy_members(struct record *to, const struct record *from, const char *const *members,
		size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (record_get(from, members[i]))
			record_put(to, members[i], record_copy(record_get(from, members[i])));
	}
}

struct record *matrix_row_build(
		struct results_reader *reader, const struct certification_profile *profile)
{
	static const char *const parts[] = { "card", "software", "platform", "rig" };
	static const char *const members[] = { "started", "complete", "why", "duration_s",
		"command", "version" };
	const struct record *head = reader_head(reader);
	struct record *row = record_object(), *run = record_object();

	copy_members(row, record_get(head, "identity"), parts, sizeof(parts) / sizeof(*parts));
	copy_members(run, record_get(head, "run"), members, sizeof(members) / sizeof(*members));
	record_put(row, "run", run);
	record_put_bool(row, "good", reader_good(reader));
	record_put(row, "summary", record_copy(record_get(head, "summary")));
	record_put(row, "capabilities", capabilities_of(reader, profile));
	return row;
}

static const char *in(const struct record *row, const char *part, const char *member)
{
	return record_str(record_get(row, part), member, "");
}

char *matrix_row_card(const struct record *row)
{
	return file_path("%s|%s|%s|%s|%s|%s", in(row, "card", "model"), in(row, "card", "vendor"),
			in(row, "card", "device"), in(row, "card", "subvendor"),
			in(row, "card", "subdevice"), in(row, "rig", "origin"));
}

char *matrix_row_environment(const struct record *row)
{
	return file_path("%s|%s|%s|%s|%s|%s|%s|%s", in(row, "software", "kernel"),
			in(row, "software", "driver"), in(row, "software", "driver_version"),
			in(row, "software", "firmware"), in(row, "rig", "qemu"),
			in(row, "rig", "topology"), in(row, "platform", "product"),
			in(row, "card", "revision"));
}

int matrix_row_compare(const struct record *a, const struct record *b)
{
	CLEANUP(cleanup_free) char *card_a = matrix_row_card(a), *card_b = matrix_row_card(b);
	CLEANUP(cleanup_free)
	char *environment_a = matrix_row_environment(a), *environment_b = matrix_row_environment(b);
	int order = strverscmp(card_a, card_b);

	if (!order)
		order = strverscmp(environment_a, environment_b);
	return order ? order : strcmp(in(b, "run", "started"), in(a, "run", "started"));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/matrix_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "reports/results/capability.h"

static void copy_members(struct record *to, const struct record *from, const char *const *members,
		size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (record_get(from, members[i]))
			record_put(to, members[i], record_copy(record_get(from, members[i])));
	}
}

static struct record *capabilities_of(const struct record *assessed)
{
	static const char *const members[] = { "id", "state", "reason", "pass", "total" };
	struct record *capabilities = record_array();

	for (size_t i = 0; i < record_length(assessed); i++) {
		struct record *entry = record_object();

		copy_members(entry, record_at(assessed, i), members,
				sizeof(members) / sizeof(*members));
		record_add(capabilities, entry);
	}
	return capabilities;
}

/* In a run of some checks (--check), or in one that did not end. */
static int64_t count_lacking(const struct record *assessed)
{
	int64_t count = 0;

	for (size_t i = 0; i < record_length(assessed); i++) {
		const char *cause = record_str(record_at(assessed, i), "cause", "");

		count += !strcmp(cause, "missing-check") || !strcmp(cause, "incomplete-run");
	}
	return count;
}

struct record *matrix_row_build(
		struct results_reader *reader, const struct certification_profile *profile)
{
	static const char *const parts[] = { "card", "software", "platform", "rig" };
	static const char *const members[] = { "started", "complete", "why", "duration_s",
		"command", "version" };
	CLEANUP(cleanup_record) struct record *assessed = capability_assess(profile, reader);
	const struct record *head = reader_head(reader);
	struct record *row = record_object(), *run = record_object();

	copy_members(row, record_get(head, "identity"), parts, sizeof(parts) / sizeof(*parts));
	copy_members(run, record_get(head, "run"), members, sizeof(members) / sizeof(*members));
	record_put(row, "run", run);
	record_put_bool(row, "good", reader_good(reader));
	record_put(row, "summary", record_copy(record_get(head, "summary")));
	record_put(row, "capabilities", capabilities_of(assessed));
	record_put_int(row, "lacking", count_lacking(assessed));
	return row;
}

static const char *in(const struct record *row, const char *part, const char *member)
{
	return record_str(record_get(row, part), member, "");
}

char *matrix_row_card(const struct record *row)
{
	return text_format("%s|%s|%s|%s|%s|%s", in(row, "card", "model"), in(row, "card", "vendor"),
			in(row, "card", "device"), in(row, "card", "subvendor"),
			in(row, "card", "subdevice"), in(row, "rig", "origin"));
}

char *matrix_row_environment(const struct record *row)
{
	return text_format("%s|%s|%s|%s|%s|%s|%s|%s", in(row, "software", "kernel"),
			in(row, "software", "driver"), in(row, "software", "driver_version"),
			in(row, "software", "firmware"), in(row, "rig", "qemu"),
			in(row, "rig", "topology"), in(row, "platform", "product"),
			in(row, "card", "revision"));
}

static int64_t lacking(const struct record *row)
{
	return record_int(row, "lacking", 0);
}

int matrix_row_compare(const struct record *a, const struct record *b)
{
	CLEANUP(cleanup_free) char *card_a = matrix_row_card(a), *card_b = matrix_row_card(b);
	CLEANUP(cleanup_free)
	char *environment_a = matrix_row_environment(a), *environment_b = matrix_row_environment(b);
	int order = strverscmp(card_a, card_b);

	if (!order)
		order = strverscmp(environment_a, environment_b);
	if (!order && lacking(a) != lacking(b))
		order = lacking(a) < lacking(b) ? -1 : 1;
	return order ? order : strcmp(in(b, "run", "started"), in(a, "run", "started"));
}

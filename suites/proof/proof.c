/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/proof.h"

#include <string.h>

#include "base/cleanup.h"
#include "reports/results/results_reader.h"

static enum verdict verdict_in(const struct results_reader *reader, const char *id)
{
	size_t index;

	return reader_find(reader, id, &index) ? reader_verdict(reader, index) : VERDICT_NONE;
}

static struct record *failures_of(const struct results_reader *reader)
{
	struct record *failures = record_array();

	for (size_t i = 0; i < reader_length(reader); i++) {
		enum verdict verdict = reader_verdict(reader, i);

		if (verdict == VERDICT_FAIL || verdict == VERDICT_BROKEN ||
				verdict == VERDICT_CHANGED)
			record_add_str(failures, reader_id(reader, i));
	}
	return failures;
}

static struct record *with_verdict(const struct results_reader *reader, enum verdict verdict)
{
	struct record *list = record_array();

	for (size_t i = 0; i < reader_length(reader); i++) {
		if (reader_verdict(reader, i) == verdict)
			record_add_str(list, reader_id(reader, i));
	}
	return list;
}

static struct record *describe_sound(const char *topology, const struct record *sound)
{
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(sound);
	struct record *base = record_object();

	if (topology)
		record_put_str(base, "topology", topology);
	if (sound) {
		record_put(base, "identity", record_copy(record_get(sound, "identity")));
		record_put(base, "summary", record_copy(record_get(sound, "summary")));
		record_put_real(base, "total_s",
				record_real(record_get(sound, "run"), "total_s", 0));
	}
	record_put(base, "failures", failures_of(reader));
	record_put(base, "known", with_verdict(reader, VERDICT_KNOWN));
	return base;
}

struct record *proof_begin(struct record *run, const char *topology, const struct record *sound)
{
	const struct record *judged = record_get(sound, "run");
	struct record *proof = record_object();

	record_put_str(proof, "schema", "vfcert-proof/1");
	record_put(proof, "run", run);
	if (record_get(judged, "suite"))
		record_put(proof, "suite", record_copy(record_get(judged, "suite")));
	if (sound)
		record_put_str(proof, "quirks", record_str(judged, "quirks", NULL));
	record_put(proof, "sound", describe_sound(topology, sound));
	record_put(proof, "defects", record_array());
	return proof;
}

void proof_add_sound(struct record *proof, const char *topology, const struct record *sound)
{
	struct record *first = record_edit(proof, "sound");

	if (!record_get(first, "others"))
		record_put(first, "others", record_array());
	record_add(record_edit(first, "others"), describe_sound(topology, sound));
}

/* A row of the matrix under construction. */
struct row {
	const struct defect *defect;
	struct results_reader *sound, *results;
	struct record *caught, *missed, *alarms, *broken, *allowed, *changed, *notes;
};

static void judge_expected(struct row *row, const char *id)
{
	enum verdict before = verdict_in(row->sound, id), now = verdict_in(row->results, id);

	if (now == VERDICT_FAIL && before == VERDICT_PASS) {
		record_add_str(row->caught, id);
		return;
	}
	if (now == VERDICT_BROKEN) {
		record_add_str(row->broken, id);
		return;
	}
	record_add_str(row->missed, id);
	if (now == VERDICT_NONE)
		record_put_str(row->notes, id, "has no verdict on the broken rig");
	else if (before != VERDICT_PASS)
		record_put_strf(row->notes, id, "is '%s' on the sound rig",
				before == VERDICT_NONE ? "absent" : verdict_words[before]);
	else
		record_put_strf(row->notes, id, "is '%s' on the broken rig", verdict_words[now]);
}

static void judge_other(struct row *row, const struct check_result *check)
{
	const char *id = check->id;
	enum verdict before = verdict_in(row->sound, id), now = check->verdict;
	bool alarm = now == VERDICT_FAIL && before != VERDICT_FAIL;

	if (row->defect->null)
		alarm = now == VERDICT_FAIL || now == VERDICT_BROKEN ||
				(now == VERDICT_CHANGED && before != VERDICT_CHANGED);
	/* A known failure that passes: the defect may have removed its cause. */
	if (now == VERDICT_CHANGED && before != VERDICT_CHANGED)
		record_add_str(row->changed, id);
	if (now == VERDICT_BROKEN && !row->defect->null)
		record_add_str(row->broken, id);
	if (!alarm)
		return;
	if (now == VERDICT_FAIL && record_get(row->defect->allow, id)) {
		record_add_str(row->allowed, id);
		return;
	}
	record_add_str(row->alarms, id);
	if (check->reason)
		record_put_str(row->notes, id, check->reason);
}

struct record *proof_row(const struct defect *defect, const struct record *sound,
		const struct record *results)
{
	CLEANUP(cleanup_reader) struct results_reader *before = reader_from_record(sound);
	CLEANUP(cleanup_reader) struct results_reader *after = reader_from_record(results);
	struct row row = { defect, before, after, record_array(), record_array(), record_array(),
		record_array(), record_array(), record_array(), record_object() };
	const struct record *run = record_get(results, "run");
	struct record *entry = record_object();

	for (size_t i = 0; i < record_length(defect->expect); i++)
		judge_expected(&row, record_text(record_at(defect->expect, i)));
	for (size_t i = 0; i < reader_length(after); i++) {
		if (!record_has_text(defect->expect, reader_id(after, i)))
			judge_other(&row, reader_check(after, i));
	}
	record_put_str(entry, "id", defect->id);
	record_put_str(entry, "title", defect->title);
	if (defect->topology)
		record_put_str(entry, "topology", defect->topology);
	record_put_bool(entry, "null", defect->null);
	record_put(entry, "expected", record_copy(defect->expect));
	record_put(entry, "caught", row.caught);
	record_put(entry, "missed", row.missed);
	record_put(entry, "false_alarms", row.alarms);
	record_put(entry, "broken", row.broken);
	record_put(entry, "allowed", row.allowed);
	record_put(entry, "changed", row.changed);
	record_put(entry, "notes", row.notes);
	record_put_str(entry, "error",
			record_bool(run, "complete", false)
					? NULL
					: record_str(run, "why", "did not end"));
	record_put_int(entry, "checks", (int64_t)reader_length(after));
	record_put_real(entry, "total_s",
			record_real(run, "total_s", record_real(run, "duration_s", 0)));
	return entry;
}

void proof_add(struct record *proof, struct record *row)
{
	if (row)
		record_add(record_edit(proof, "defects"), row);
}

void proof_finish(struct record *proof, const struct record *sound)
{
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(sound);
	const struct record *defects = record_get(proof, "defects");
	struct record *unproved;

	if (!record_get(proof, "unproved"))
		record_put(proof, "unproved", record_array());
	unproved = record_edit(proof, "unproved");

	for (size_t i = 0; i < reader_length(reader); i++) {
		const char *id = reader_id(reader, i);
		bool done = record_has_text(unproved, id);

		for (size_t k = 0; !done && k < record_length(defects); k++)
			done = record_has_text(record_get(record_at(defects, k), "caught"), id);
		if (!done && reader_verdict(reader, i) == VERDICT_PASS)
			record_add_str(unproved, id);
	}
}

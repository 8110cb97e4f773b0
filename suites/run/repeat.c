/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/repeat.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "reports/results/results_reader.h"

/* The history is an object: for each check's id an array with one entry per round. */

int64_t repeat_seed(const struct repeat *repeat, unsigned round)
{
	return repeat->first_seed + (repeat->shuffle ? round - 1 : 0);
}

static struct record *entry_of(const struct check_result *check, unsigned round, int64_t seed)
{
	struct record *entry = record_object();

	record_put_int(entry, "round", round);
	record_put_int(entry, "seed", seed);
	record_put_str(entry, "verdict", verdict_words[check->verdict]);
	record_put_str(entry, "reason", check->reason);
	return entry;
}

static void add_verdicts(
		struct record *history, const struct record *results, unsigned round, int64_t seed)
{
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(results);

	for (size_t i = 0; i < reader_length(reader); i++) {
		const struct check_result *check = reader_check(reader, i);

		if (!record_get(history, check->id))
			record_put(history, check->id, record_array());
		record_add(record_edit(history, check->id), entry_of(check, round, seed));
	}
}

static enum verdict verdict_at(const struct record *entries, size_t index)
{
	return verdict_parse(record_str(record_at(entries, index), "verdict", NULL));
}

static bool differs(const struct record *entries)
{
	for (size_t i = 1; i < record_length(entries); i++) {
		if (verdict_at(entries, i) != verdict_at(entries, 0))
			return true;
	}
	return false;
}

static struct record *differing(const struct record *history, const struct record *results)
{
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(results);
	struct record *list = record_array();

	for (size_t i = 0; i < reader_length(reader); i++) {
		const char *id = reader_id(reader, i);
		const struct record *entries = record_get(history, id);
		struct record *item;

		if (!differs(entries))
			continue;
		item = record_object();
		record_put_str(item, "id", id);
		record_put(item, "rounds", record_copy(entries));
		record_add(list, item);
	}
	return list;
}

static void copy_round(struct record *results, const struct record *round)
{
	static const char *const parts[] = { "identity", "summary", "checks" };
	static const char *const of_run[] = { "complete", "why", "seed", "not_run", "kernel_s",
		"duration_s", "suite", "quirks" };
	const struct record *run = record_get(round, "run");

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (record_get(round, parts[i]))
			record_put(results, parts[i], record_copy(record_get(round, parts[i])));
	}
	for (size_t i = 0; i < sizeof(of_run) / sizeof(*of_run); i++) {
		if (record_get(run, of_run[i]))
			record_put(results_run(results), of_run[i],
					record_copy(record_get(run, of_run[i])));
	}
}

struct repeat_history repeat_begin(const struct repeat *repeat)
{
	return (struct repeat_history){ repeat, record_object(), record_array(), 0 };
}

void repeat_end(struct repeat_history *history)
{
	record_free(history->verdicts);
	record_free(history->seeds);
}

void repeat_add(struct repeat_history *history, struct record *results, const struct record *round)
{
	const struct record *run = record_get(round, "run");
	int64_t seed = record_int(run, "seed", 0);

	history->done += record_bool(run, "complete", false);
	record_add_int(history->seeds, seed);
	add_verdicts(history->verdicts, round, (unsigned)record_length(history->seeds), seed);
	copy_round(results, round);
}

void repeat_put(const struct repeat_history *history, struct record *results)
{
	struct record *record = record_object();

	record_put_int(record, "asked", history->repeat->count);
	record_put_int(record, "done", history->done);
	record_put_bool(record, "shuffle", history->repeat->shuffle);
	record_put(record, "seeds", record_copy(history->seeds));
	record_put(record, "differ", differing(history->verdicts, results));
	record_put(results_run(results), "rounds", record);
}

int repeat_execute(const struct repeat *repeat, const struct run *run, struct record *results,
		struct err *err)
{
	CLEANUP(repeat_end) struct repeat_history history = repeat_begin(repeat);
	unsigned round = 0;
	int rc = 0;

	while (!rc && round < repeat->count) {
		CLEANUP(cleanup_record) struct record *fresh = NULL;
		struct run one = *run;
		struct err cause = { 0 };

		one.seed = repeat_seed(repeat, ++round);
		one.shuffle = repeat->shuffle;
		one.after = round < repeat->count ? AFTER_KEEP : run->after;
		one.skip_destroying = round < repeat->count;
		one.identity = round > 1 ? record_get(results, "identity") : NULL;
		fresh = run_begin("", one.seed);
		rc = run_execute(&one, fresh, &cause);
		repeat_add(&history, results, fresh);
		if (rc < 0 && repeat->count > 1)
			err_prefix(&cause, "round %u: ", round);
		if (rc < 0) {
			run_failed(results, &cause);
			err_pass(err, &cause, "%s", cause.msg);
		}
	}
	repeat_put(&history, results);
	return rc;
}

static const struct record *record_of(const struct record *results)
{
	return record_get(record_get(results, "run"), "rounds");
}

bool repeat_agrees(const struct record *results)
{
	return !record_length(record_get(record_of(results), "differ"));
}

/* "pass in round 1 2 3; fail in round 4 (seed 7): why". */
static void print_verdicts(const struct record *entries, FILE *out)
{
	for (int verdict = 0, shown = 0; verdict < VERDICTS; verdict++) {
		const struct record *first = NULL;

		for (size_t i = 0; i < record_length(entries); i++) {
			const struct record *entry = record_at(entries, i);

			if (verdict_at(entries, i) != (enum verdict)verdict)
				continue;
			if (!first)
				fprintf(out, "%s%s in round", shown++ ? "; " : " ",
						verdict_words[verdict]);
			first = first ? first : entry;
			fprintf(out, " %lld", (long long)record_int(entry, "round", 0));
		}
		if (!first || !record_str(first, "reason", NULL))
			continue;
		fprintf(out, " (seed %lld: ", (long long)record_int(first, "seed", 0));
		escape_terminal(record_str(first, "reason", ""), out);
		fputc(')', out);
	}
	fputc('\n', out);
}

void repeat_print(const struct record *results, FILE *out)
{
	const struct record *record = record_of(results), *seeds = record_get(record, "seeds");
	const struct record *differ = record_get(record, "differ");
	size_t count = record_length(differ), rounds = record_length(seeds);

	if (record_int(record, "asked", 1) < 2)
		return;
	for (size_t i = 0; i < count; i++) {
		fputs("differs: ", out);
		escape_terminal(record_str(record_at(differ, i), "id", ""), out);
		fputs(":", out);
		print_verdicts(record_get(record_at(differ, i), "rounds"), out);
	}
	fprintf(out, "%lld of %lld rounds%s, seeds %.0f to %.0f: ",
			(long long)record_int(record, "done", 0),
			(long long)record_int(record, "asked", 0),
			record_bool(record, "shuffle", false) ? " in shuffled order" : "",
			record_number(record_at(seeds, 0)),
			record_number(record_at(seeds, rounds - 1)));
	fprintf(out, count ? "%zu checks differ\n" : "no check differs\n", count);
}

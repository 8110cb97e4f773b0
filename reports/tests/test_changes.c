/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "reports/results/changes.h"

/* Tests make two runs, spoil the second, and look at the changes. */

struct held {
	struct record *before, *after, *changes;
};

static void add_check(struct record *results, const char *id, const char *verdict, double seconds)
{
	results_add(results,
			&(struct check_result){ .id = id,
					.suite = "s",
					.title = "",
					.verdict = verdict_parse(verdict),
					.reason = "because",
					.origin = "emulated",
					.duration_s = seconds });
}

static struct record *results_with(const char *kernel)
{
	struct record *identity = record_object(), *software = record_object();

	record_put_str(software, "kernel", kernel);
	record_put(identity, "software", software);
	return results_new(record_object(), identity);
}

static int setup(void **state)
{
	struct held *held = calloc(1, sizeof(*held));

	*state = held;
	held->before = results_with("6.12");
	held->after = results_with("6.12");
	return 0;
}

static int teardown(void **state)
{
	struct held *held = *state;

	record_free(held->before);
	record_free(held->after);
	record_free(held->changes);
	free(held);
	return 0;
}

static void compare(struct held *held)
{
	struct results_reader *before = reader_from_record(held->before),
			      *after = reader_from_record(held->after);

	assert_int_equal(changes_between(before, after, &held->changes, NULL), 0);
	reader_free(before);
	reader_free(after);
}

static void knows_better_from_worse(void **state)
{
	static const struct {
		const char *before, *after;
		int worse; /* -1: better */
	} cases[] = {
		{ "pass", "pass", 0 },
		{ "pass", "fail", 1 },
		{ "pass", "known", 1 },
		{ "pass", "skip", 1 },
		{ "pass", "broken", 1 },
		{ "pass", NULL, 1 },
		{ "known", "changed", 1 },
		{ "known", "fail", 1 },
		{ "skip", "fail", 1 },
		{ NULL, "fail", 1 },
		{ NULL, "pass", -1 },
		{ "fail", "pass", -1 },
		{ "fail", "known", -1 },
		{ "broken", "skip", -1 },
		{ "fail", "fail", 0 },
	};
	struct held *held = *state;
	const struct record *verdicts;
	size_t count = sizeof(cases) / sizeof(*cases);
	int worse = 0, better = 0;

	for (size_t i = 0; i < count; i++) {
		char *id = text_format("s.%02zu", i);

		if (cases[i].before)
			add_check(held->before, id, cases[i].before, 0.5);
		if (cases[i].after)
			add_check(held->after, id, cases[i].after, 0.5);
		worse += cases[i].worse > 0;
		better += cases[i].worse < 0;
		free(id);
	}
	compare(held);
	assert_int_equal(record_int(held->changes, "worse", 0), worse);
	assert_int_equal(record_int(held->changes, "better", 0), better);
	verdicts = record_get(held->changes, "verdicts");
	assert_int_equal(record_length(verdicts), worse + better);
	for (size_t i = 0; i < record_length(verdicts); i++) {
		const struct record *change = record_at(verdicts, i);
		int index = atoi(record_str(change, "id", "") + 2);

		assert_int_equal(record_bool(change, "worse", false), cases[index].worse > 0);
		assert_int_equal(record_bool(change, "worse", false), i < (size_t)worse);
	}
	assert_int_equal(record_length(record_get(held->changes, "durations")), 0);
}

/* A machine that is half as fast makes no check slower than the others. */
static void tells_durations_from_pace_and_noise(void **state)
{
	struct held *held = *state;
	const struct record *durations;

	for (int i = 0; i < 40; i++) {
		char *id = text_format("s.%02d", i);
		double before = 0.2 + 0.01 * i, wobble = 1 + 0.02 * (i % 7 - 3);

		add_check(held->before, id, "pass", before);
		add_check(held->after, id, "pass", 2 * before * wobble * (i == 17 ? 4 : 1));
		free(id);
	}
	compare(held);
	durations = record_get(held->changes, "durations");
	assert_int_equal(record_length(durations), 1);
	assert_string_equal(record_str(record_at(durations, 0), "id", ""), "s.17");
	assert_true(record_real(held->changes, "pace", 0) > 1.9);
	assert_true(record_real(held->changes, "pace", 0) < 2.1);
	assert_int_equal(record_int(held->changes, "worse", -1), 0);
}

static void names_what_differs_in_the_identity(void **state)
{
	struct held *held = *state;
	const struct record *identity;

	record_free(held->after);
	held->after = results_with("7.2");
	record_put_str(record_edit(held->after, "identity"), "new", "thing");
	compare(held);
	identity = record_get(held->changes, "identity");
	assert_int_equal(record_length(identity), 2);
	assert_string_equal(record_str(record_at(identity, 0), "member", ""), "software.kernel");
	assert_string_equal(record_str(record_at(identity, 0), "before", ""), "6.12");
	assert_string_equal(record_str(record_at(identity, 0), "after", ""), "7.2");
	assert_string_equal(record_str(record_at(identity, 1), "member", ""), "new");
	assert_null(record_str(record_at(identity, 1), "before", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(knows_better_from_worse, setup, teardown),
		cmocka_unit_test_setup_teardown(
				tells_durations_from_pace_and_noise, setup, teardown),
		cmocka_unit_test_setup_teardown(
				names_what_differs_in_the_identity, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

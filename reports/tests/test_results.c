/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>

#include "reports/results/results_reader.h"

static struct record *parsed(const char *text)
{
	struct record *record = NULL;
	struct err err = { 0 };

	if (record_parse("test", text, strlen(text), &record, &err) < 0)
		fail_msg("%s", err.msg);
	return record;
}

#define CHECK                                                                                   \
	"{\"id\":\"a.b\",\"suite\":\"a\",\"title\":\"t\",\"verdict\":\"pass\",\"reason\":null," \
	"\"quirk\":null,\"origin\":\"emulated\",\"duration_s\":1,\"evidence\":["                \
	"{\"name\":\"n\",\"value\":3,\"unit\":null}]}"
#define AROUND(checks, pass)                                                                      \
	"{\"schema\":\"vfcert-results/1\",\"run\":{},\"identity\":{},\"summary\":{\"pass\":" pass \
	",\"fail\":0,\"skip\":0,\"broken\":0,\"known\":0,\"changed\":0},\"checks\":[" checks "]}"

/* Decodes what vfsuite sent, completes it, and reads it back from the results. */
static void keeps_what_a_check_found(void **state)
{
	struct record *results = results_new(record_object(), record_object());
	struct record *sent = parsed(
			"{\"id\":\"m.x\",\"verdict\":\"skip\",\"reason\":\"r\",\"need\":\"wire\","
			"\"duration_s\":4,\"kernel_s\":1,\"more\":[1],\"evidence\":[{\"name\":\"n\","
			"\"value\":1.5,\"unit\":\"s\",\"by\":\"guest\",\"more\":{}}],\"log\":[\"l\"]}");
	struct check_result check, back;
	const struct record *fact;

	(void)state;
	assert_int_equal(check_result_from_record(CHECK_RESULT_SENT, sent, &check, NULL), 0);
	check.suite = "m";
	check.title = "X";
	check.origin = "emulated";
	check.at_s = 7;
	results_add(results, &check);
	record_free(sent);
	assert_int_equal(results_validate(results, NULL), 0);
	assert_int_equal(record_int(record_get(results, "summary"), "skip", 0), 1);
	assert_int_equal(check_result_from_record(CHECK_RESULT_STORED,
					 record_at(record_get(results, "checks"), 0), &back, NULL),
			0);
	assert_string_equal(back.id, "m.x");
	assert_int_equal(back.verdict, VERDICT_SKIP);
	assert_string_equal(back.reason, "r");
	assert_string_equal(back.need, "wire");
	assert_string_equal(back.origin, "emulated");
	assert_null(back.quirk);
	assert_true(back.duration_s == 4 && back.kernel_s == 1 && back.at_s == 7);
	assert_true(check_result_by_guest(&back));
	fact = record_at(back.evidence, 0);
	assert_string_equal(record_str(fact, "unit", ""), "s");
	assert_null(record_get(fact, "more"));
	assert_string_equal(record_text(record_at(back.log, 0)), "l");
	record_free(results);
}

/* The machine under test is not trusted. */
static void rejects_what_vfsuite_must_not_send(void **state)
{
	static const char *const cases[][2] = {
		{ "[]", "id must be a text" },
		{ "{\"id\":\"\"}", "id must not be empty" },
		{ "{\"id\":\"m.x\"}", "check m.x: verdict must be a text, and is absent" },
		{ "{\"id\":\"m.x\",\"verdict\":\"splendid\"}", "unknown verdict 'splendid'" },
		{ "{\"id\":\"m.x\",\"verdict\":\"known\"}", "unknown verdict 'known'" },
		{ "{\"id\":\"m.x\",\"verdict\":\"pass\",\"reason\":7}", "reason must be a text" },
		{ "{\"id\":\"m.x\",\"verdict\":\"pass\",\"need\":[]}", "need must be a text" },
		{ "{\"id\":\"m.x\",\"verdict\":\"pass\",\"kernel_s\":-1}",
				"kernel_s must not be negative" },
		{ "{\"id\":\"m.x\",\"verdict\":\"pass\",\"duration_s\":\"1\"}",
				"duration_s must be a number" },
		{ "{\"id\":\"m.x\",\"verdict\":\"pass\",\"evidence\":{}}",
				"evidence must be an array" },
		{ "{\"id\":\"m.x\",\"verdict\":\"pass\",\"evidence\":[{\"value\":1}]}",
				"evidence name must be a text" },
		{ "{\"id\":\"m.x\",\"verdict\":\"pass\",\"evidence\":[{\"name\":\"n\",\"value\":"
		  "[1]}]}",
				"evidence value must be" },
		{ "{\"id\":\"m.x\",\"verdict\":\"pass\",\"log\":[3]}", "log must be an array of" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct record *sent = parsed(cases[i][0]);
		struct check_result check;
		struct err err = { 0 };

		assert_int_equal(check_result_from_record(CHECK_RESULT_SENT, sent, &check, &err),
				-EINVAL);
		if (!strstr(err.msg, cases[i][1]))
			fail_msg("'%s' does not say '%s'", err.msg, cases[i][1]);
		record_free(sent);
	}
}

/* FORMAT may print the text that it replaces. */
static void owns_the_texts_it_makes(void **state)
{
	struct check_result check = CHECK_RESULT_NONE;

	(void)state;
	check.reason = check_result_own(&check, "reason", "%s", "first");
	check.observed = check_result_own(&check, "observed", "%s", check.reason);
	check.reason = check_result_own(&check, "reason", "%s; second", check.reason);
	assert_string_equal(check.reason, "first; second");
	assert_string_equal(check.observed, "first");
	check_result_free(&check);
}

static void is_good_only_when_whole(void **state)
{
	struct record *results = parsed(AROUND(CHECK, "1"));
	struct record *empty = parsed(AROUND("", "0"));

	(void)state;
	assert_int_equal(results_validate(results, NULL), 0);
	assert_true(results_good(results));
	assert_false(results_good(empty));
	record_put_bool(record_edit(results, "run"), "complete", false);
	assert_false(results_good(results));
	record_free(empty);
	record_free(results);
}

static void names_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "[]", "schema" },
		{ "{\"schema\":\"vfcert-results/2\"}", "vfcert-results/2" },
		{ "{\"schema\":\"vfcert-results/1\"}", "run" },
		{ AROUND(CHECK, "2"), "pass must be 1" },
		{ AROUND(CHECK "," CHECK, "2"), "'a.b' is in them twice" },
		{ AROUND("7", "0"), "checks[0]: id" },
		{ AROUND("{\"id\":\"\"}", "0"), "must not be empty" },
		{ AROUND("{\"id\":\"a.b\",\"verdict\":\"pass\",\"suite\":7}", "1"),
				"check a.b: suite must be a text" },
		{ AROUND("{\"id\":\"a.b\",\"suite\":\"a\",\"title\":\"t\",\"verdict\":\"fine\","
			 "\"origin\":\"o\"}",
				  "0"),
				"check a.b: unknown verdict 'fine'" },
		{ AROUND("{\"id\":\"a.b\",\"suite\":\"a\",\"title\":\"t\",\"verdict\":\"pass\","
			 "\"origin\":\"o\",\"reason\":null,\"quirk\":null,\"duration_s\":\"1\"}",
				  "1"),
				"check a.b: duration_s must be a number" },
		{ AROUND("{\"id\":\"a.b\",\"suite\":\"a\",\"title\":\"t\",\"verdict\":\"pass\","
			 "\"origin\":\"o\",\"reason\":null,\"quirk\":null,\"duration_s\":-1}",
				  "1"),
				"must not be negative" },
		{ AROUND("{\"id\":\"a.b\",\"suite\":\"a\",\"title\":\"t\",\"verdict\":\"pass\","
			 "\"origin\":\"o\",\"reason\":null,\"quirk\":null,\"duration_s\":1,"
			 "\"evidence\":[{\"name\":\"n\",\"value\":[],\"unit\":null}]}",
				  "1"),
				"evidence value" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct record *results = parsed(cases[i].text);
		struct err err = { 0 };

		assert_int_equal(results_validate(results, &err), -EINVAL);
		if (!strstr(err.msg, cases[i].said))
			fail_msg("'%s' does not say '%s'", err.msg, cases[i].said);
		record_free(results);
	}
}

/* A check was skipped for what another states; ANOTHER is that one's verdict, if it is there. */
static bool is_good_with(const char *need, enum verdict another)
{
	struct record *results = results_new(record_object(), record_object());
	struct check_result skipped = { .id = "vlan.pre-tagged", .suite = "vlan", .title = "t" };
	struct check_result stated = { .id = "every-vf.sends", .suite = "every-vf", .title = "t" };
	struct check_result passed = { .id = "a.b", .suite = "a", .title = "t" };
	bool good;

	skipped.verdict = VERDICT_SKIP;
	skipped.need = need;
	stated.verdict = another;
	passed.verdict = VERDICT_PASS;
	results_add(results, &passed);
	results_add(results, &skipped);
	if (another != VERDICT_NONE)
		results_add(results, &stated);
	good = results_good(results);
	record_free(results);
	return good;
}

static void is_not_good_if_nothing_states_what_fails(void **state)
{
	(void)state;
	assert_true(is_good_with("wire", VERDICT_NONE));
	assert_true(is_good_with(NULL, VERDICT_NONE));
	assert_false(is_good_with("every-vf.sends", VERDICT_NONE));
	assert_false(is_good_with("every-vf.sends", VERDICT_PASS));
	assert_true(is_good_with("every-vf.sends", VERDICT_KNOWN));
	assert_false(is_good_with("every-vf.sends", VERDICT_FAIL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_a_check_found),
		cmocka_unit_test(rejects_what_vfsuite_must_not_send),
		cmocka_unit_test(owns_the_texts_it_makes),
		cmocka_unit_test(is_good_only_when_whole),
		cmocka_unit_test(is_not_good_if_nothing_states_what_fails),
		cmocka_unit_test(names_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

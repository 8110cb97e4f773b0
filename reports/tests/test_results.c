/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>

#include "reports/results/results.h"

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

static void adds_only_what_is_well_formed(void **state)
{
	struct record *results = results_new(record_object(), record_object());
	struct record *declared = parsed("{\"id\":\"m.x\",\"suite\":\"m\",\"title\":\"X\"}");
	struct record *result = parsed(
			"{\"id\":\"other\",\"verdict\":\"fail\",\"reason\":\"r\",\"duration_s\":-4,"
			"\"evidence\":[{\"name\":\"n\",\"value\":{\"deep\":1}},{\"value\":1},7,"
			"{\"name\":\"ok\",\"value\":1.5,\"unit\":\"s\"}],\"log\":[\"l\",3]}");
	const struct record *check;

	(void)state;
	results_add(results, declared, result, "emulated");
	results_summarize(results);
	check = record_at(record_get(results, "checks"), 0);
	assert_string_equal(record_str(check, "id", ""), "m.x");
	assert_int_equal(record_length(record_get(check, "evidence")), 1);
	assert_int_equal(record_length(record_get(check, "log")), 1);
	assert_true(record_real(check, "duration_s", -1) == 0);
	assert_int_equal(results_count(results, "fail"), 1);
	assert_int_equal(results_validate(results, NULL), 0);
	assert_false(results_good(results));
	record_free(result);
	record_free(declared);
	record_free(results);
}

static void takes_an_unknown_verdict_for_broken(void **state)
{
	struct record *results = results_new(record_object(), record_object());
	struct record *declared = parsed("{\"id\":\"m.x\",\"suite\":\"m\",\"title\":\"X\"}");
	struct record *result = parsed("{\"verdict\":\"splendid\",\"reason\":\"trust me\"}");

	(void)state;
	results_add(results, declared, result, "emulated");
	results_summarize(results);
	assert_int_equal(results_count(results, "broken"), 1);
	assert_string_equal(record_str(record_at(record_get(results, "checks"), 0), "reason", ""),
			"vfsuite gave no verdict");
	record_free(result);
	record_free(declared);
	record_free(results);
}

static void is_good_only_when_whole(void **state)
{
	struct record *results = parsed(AROUND(CHECK, "1"));
	struct record *empty = parsed(AROUND("", "0"));

	(void)state;
	assert_int_equal(results_validate(results, NULL), 0);
	assert_true(results_good(results));
	assert_false(results_good(empty));
	record_put_bool((struct record *)record_get(results, "run"), "complete", false);
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
		{ AROUND(CHECK "," CHECK, "2"), "a.b stands there twice" },
		{ AROUND("7", "0"), "checks[0]: id" },
		{ AROUND("{\"id\":\"\"}", "0"), "must not be empty" },
		{ AROUND("{\"id\":\"a.b\",\"suite\":7}", "0"), "check a.b: suite must be a text" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_only_what_is_well_formed),
		cmocka_unit_test(takes_an_unknown_verdict_for_broken),
		cmocka_unit_test(is_good_only_when_whole),
		cmocka_unit_test(names_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

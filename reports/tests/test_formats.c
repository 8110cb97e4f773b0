/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/text.h"
#include "reports/formats/formats.h"
#include "reports/results/results.h"
#include "reports/text/report_text.h"

/* Compares each format of golden/results.json, which is full of hostile text, with a file that a
 * person has reviewed. VFCERT_GOLDEN=write writes those files again. */

static struct record *results;
static struct results_reader *reader;
static struct certification_profile *profile;

static int load(void **state)
{
	struct err err = { 0 };

	(void)state;
	if (record_load(AT_FDCWD, GOLDEN_DIR "/results.json", &results, &err) < 0 ||
			results_validate(results, &err) < 0 ||
			cert_profile_load(PROFILES_DIR, NULL, &profile, &err) < 0) {
		print_error("%s\n", err.msg);
		return -1;
	}
	reader = reader_from_record(results);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	cert_profile_free(profile);
	reader_free(reader);
	record_free(results);
	return 0;
}

static char *formatted(const char *name, bool colour)
{
	const struct format_options options = {
		.profile = profile, .origin = "test", .colour = colour
	};
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	assert_int_equal(format_find(name, strlen(name))->print(reader, &options, out), 0);
	fclose(out);
	return text;
}

static void compare(const char *name, const char *format)
{
	char *path = text_format(GOLDEN_DIR "/%s", name), *golden = NULL;
	char *text = formatted(format, false);
	const char *asked = getenv("VFCERT_GOLDEN");
	size_t line = 1;

	if (asked && !strcmp(asked, "write"))
		assert_int_equal(file_write_atomic(AT_FDCWD, path, text, strlen(text), NULL), 0);
	assert_int_equal(file_read(AT_FDCWD, path, 1 << 20, &golden, NULL, NULL), 0);
	for (size_t i = 0; golden[i] == text[i] && golden[i]; i++)
		line += golden[i] == '\n';
	if (strcmp(golden, text))
		fail_msg("%s differs from line %zu on", path, line);
	free(golden);
	free(text);
	free(path);
}

static void terminal_is_golden(void **state)
{
	(void)state;
	compare("terminal.txt", "terminal");
}

static void junit_is_golden(void **state)
{
	(void)state;
	compare("junit.xml", "junit");
}

static void markdown_is_golden(void **state)
{
	(void)state;
	compare("summary.md", "md");
}

static void html_is_golden(void **state)
{
	(void)state;
	compare("report.html", "html");
}

/* Of a run with two checks, one of which passes and the other has VERDICT and NEED. */
static void judged(bool complete, enum verdict verdict, const char *need, bool whole,
		const char *expected)
{
	struct record *run = results_new(record_object(), record_object());
	struct check_result check = { .id = "rate.enforced", .suite = "rate", .title = "t" };
	struct results_reader *of_run;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	record_put_bool(results_run(run), "complete", complete);
	check.verdict = VERDICT_PASS;
	results_add(run, &check);
	check.id = "rate.cleared";
	check.verdict = verdict;
	check.need = need;
	results_add(run, &check);
	of_run = reader_from_record(run);
	assert_false(report_certified(whole ? profile : NULL, of_run, out));
	report_surprises(of_run, out);
	fclose(out);
	assert_string_equal(text, expected);
	reader_free(of_run);
	record_free(run);
	free(text);
}

static void says_what_a_run_has_shown(void **state)
{
	(void)state;
	judged(true, VERDICT_PASS, NULL, false, "no surprise");
	judged(true, VERDICT_KNOWN, NULL, false, "no surprise");
	judged(true, VERDICT_SKIP, "wire", false, "no surprise");
	judged(true, VERDICT_FAIL, NULL, false, "1 surprise");
	judged(true, VERDICT_BROKEN, NULL, false, "1 surprise");
	judged(true, VERDICT_CHANGED, NULL, false, "1 surprise");
	judged(true, VERDICT_SKIP, "every-vf.sends", false, "nothing shown");
	judged(false, VERDICT_PASS, NULL, false, "incomplete");
	/* Two checks of a capability are not a word about it. */
	judged(true, VERDICT_PASS, NULL, true, "no surprise");
}

static void plain_terminal_obeys_nothing(void **state)
{
	char *text = formatted("terminal", false);

	(void)state;
	assert_null(strchr(text, '\033'));
	free(text);
	text = formatted("terminal", true);
	assert_non_null(strstr(text, "\033[1;31mfail"));
	assert_null(strstr(text, "\033]"));
	free(text);
}

static size_t occurrences(const char *text, const char *piece)
{
	size_t count = 0;

	while ((text = strstr(text, piece))) {
		count++;
		text += strlen(piece);
	}
	return count;
}

static void html_runs_only_its_own_script(void **state)
{
	char *text = formatted("html", false);

	(void)state;
	assert_int_equal(occurrences(text, "<script"), 1);
	assert_int_equal(occurrences(text, "<img"), 0);
	assert_int_equal(occurrences(text, "src="), 2); /* the hostile title, as text */
	assert_int_equal(occurrences(text, " style="), 0);
	assert_int_equal(occurrences(text, "<details class=\"check\""), 9);
	free(text);
}

static void junit_counts_what_it_holds(void **state)
{
	char *text = formatted("junit", false);

	(void)state;
	assert_int_equal(occurrences(text, "<testcase "), 9);
	assert_int_equal(occurrences(text, "<failure "), 3);
	assert_int_equal(occurrences(text, "<error "), 1);
	assert_int_equal(occurrences(text, "<skipped "), 3);
	assert_non_null(strstr(text,
			"<testsuites name=\"vfcert\" tests=\"9\" failures=\"3\" errors=\"1\" "
			"skipped=\"3\""));
	free(text);
}

static void each_format_says_that_a_run_is_incomplete(void **state)
{
	struct record *run = record_edit(results, "run");
	struct record *not_run = record_array();

	(void)state;
	record_add_str(not_run, "vlan.other");
	record_put(run, "not_run", not_run);
	record_put_bool(run, "complete", false);
	record_put_str(run, "why", "QEMU has died");
	for (const struct format *format = formats; format->name; format++) {
		bool is_metrics = !strcmp(format->name, "prom");
		char *text = formatted(format->name, false);

		if (!strstr(text, is_metrics ? "vfcert_run_complete 0" : "QEMU has died"))
			fail_msg("%s does not say it", format->name);
		free(text);
	}
	record_put(run, "not_run", record_array());
	record_put_bool(run, "complete", true);
}

/* Whatever a card puts into its results, no terminal acts on it. */
static void no_format_prints_what_a_terminal_obeys(void **state)
{
	(void)state;
	for (const struct format *format = formats; format->name; format++) {
		char *text = formatted(format->name, false);

		if (strchr(text, '\033'))
			fail_msg("%s prints an escape character", format->name);
		free(text);
	}
}

static void each_format_is_found_by_its_name_alone(void **state)
{
	(void)state;
	for (const struct format *format = formats; format->name; format++) {
		assert_ptr_equal(format_find(format->name, strlen(format->name)), format);
		assert_non_null(strchr(format->media_type, '/'));
		assert_true(*format->file && *format->help);
		for (const struct format *other = formats; other != format; other++)
			assert_string_not_equal(other->file, format->file);
	}
	assert_null(format_find("htm", 3));
	assert_null(format_find("html5", 5));
}

static char *escaped(void (*escape)(const char *text, FILE *out), const char *text)
{
	char *result = NULL;
	size_t length;
	FILE *out = open_memstream(&result, &length);

	assert_non_null(out);
	escape(text, out);
	fclose(out);
	return result;
}

static void escapes_what_is_no_text(void **state)
{
	static const struct {
		const char *text, *markup, *terminal;
	} cases[] = {
		{ "a\033[2Jb", "a\ufffd[2Jb", "a\ufffd[2Jb" },
		{ "a\nb\tc", "a\nb\tc", "a b c" },
		{ "\xc2\x9b"
		  "31m",
				"\ufffd31m", "\ufffd31m" },
		{ "\xff\xfe", "\ufffd\ufffd", "\ufffd\ufffd" },
		{ "\xc0\x80", "\ufffd\ufffd", "\ufffd\ufffd" },
		{ "cut \xe2\x82", "cut \ufffd\ufffd", "cut \ufffd\ufffd" },
		{ "\xed\xa0\x80", "\ufffd\ufffd\ufffd", "\ufffd\ufffd\ufffd" },
		{ "\xef\xbf\xbf", "\ufffd", "\ufffd" },
		{ "\u202eabc", "\ufffdabc", "\ufffdabc" },
		{ "\u00e4 \u20ac \U0001f600", "\u00e4 \u20ac \U0001f600",
				"\u00e4 \u20ac \U0001f600" },
		{ "<&>\"'", "&lt;&amp;&gt;&quot;&#39;", "<&>\"'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *markup = escaped(escape_markup, cases[i].text);
		char *terminal = escaped(escape_terminal, cases[i].text);

		assert_string_equal(markup, cases[i].markup);
		assert_string_equal(terminal, cases[i].terminal);
		free(markup);
		free(terminal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminal_is_golden),
		cmocka_unit_test(junit_is_golden),
		cmocka_unit_test(markdown_is_golden),
		cmocka_unit_test(html_is_golden),
		cmocka_unit_test(says_what_a_run_has_shown),
		cmocka_unit_test(plain_terminal_obeys_nothing),
		cmocka_unit_test(html_runs_only_its_own_script),
		cmocka_unit_test(junit_counts_what_it_holds),
		cmocka_unit_test(each_format_says_that_a_run_is_incomplete),
		cmocka_unit_test(no_format_prints_what_a_terminal_obeys),
		cmocka_unit_test(each_format_is_found_by_its_name_alone),
		cmocka_unit_test(escapes_what_is_no_text),
	};

	return cmocka_run_group_tests(tests, load, drop);
}

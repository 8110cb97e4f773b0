/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/ini.h"

#include <stdlib.h>

#include "tests/assert.h"

struct parsed {
	struct ini *ini;
	struct err err;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct parsed));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct parsed *parsed = *state;

	ini_free(parsed->ini);
	free(parsed);
	return 0;
}

static int parse(struct parsed *parsed, const char *text)
{
	return ini_parse("x.ini", text, &parsed->ini, &parsed->err);
}

static void keeps_order_and_repeats(void **state)
{
	struct parsed *parsed = *state;
	const struct ini_section *section;

	assert_int_equal(parse(parsed,
					 "[Device rp1]\nType = port \n Bus=1\n[Device "
					 "pf]\nType=igb\n"
					 "Type=82576\n"),
			0);
	assert_int_equal(parsed->ini->count, 2);
	section = ini_section(parsed->ini, "Device", "pf");
	assert_non_null(section);
	assert_int_equal(section->count, 2);
	assert_string_equal(ini_value(section, "Type"), "82576");
	assert_string_equal(ini_value(ini_section(parsed->ini, "Device", NULL), "Type"), "port");
	assert_null(ini_value(section, "type"));
	assert_null(ini_section(parsed->ini, "Device", "x"));
	assert_null(ini_value(NULL, "Type"));
}

static void leaves_comments_out(void **state)
{
	struct parsed *parsed = *state;

	assert_int_equal(parse(parsed, "# a\n; b\n\n[A]\n# K=1\nK=x # kept\r\n"), 0);
	assert_int_equal(parsed->ini->sections[0].count, 1);
	assert_string_equal(ini_value(&parsed->ini->sections[0], "K"), "x # kept");
	assert_int_equal(parsed->ini->sections[0].line, 4);
	assert_int_equal(parsed->ini->sections[0].entries[0].line, 6);
}

static void joins_lines(void **state)
{
	struct parsed *parsed = *state;

	assert_int_equal(parse(parsed, "[A]\nK=one \\\n  two\nL=3\n"), 0);
	assert_string_equal(ini_value(&parsed->ini->sections[0], "K"), "one two");
	assert_int_equal(parsed->ini->sections[0].entries[1].line, 4);
}

static void joins_no_comments(void **state)
{
	struct parsed *parsed = *state;
	const struct ini_section *section;

	assert_int_equal(
			parse(parsed,
					"[A]\n# of the tenant DOM\\\nK=1\nL=a \\\n# no\\\n ; nor\n b\n"
					"M=c \\\n# last"),
			0);
	section = &parsed->ini->sections[0];
	assert_int_equal(section->count, 3);
	assert_string_equal(ini_value(section, "K"), "1");
	assert_string_equal(ini_value(section, "L"), "a b");
	assert_string_equal(ini_value(section, "M"), "c");
	assert_int_equal(section->entries[2].line, 8);
}

static void takes_an_end_without_newline(void **state)
{
	struct parsed *parsed = *state;

	assert_int_equal(parse(parsed, "[A]\nK=\\"), 0);
	assert_string_equal(ini_value(&parsed->ini->sections[0], "K"), "\\");
}

static void tells_where_it_is_wrong(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "K=1\n", "x.ini:1:1: a key before the first [Section]" },
		{ "[A]\n  nonsense\n", "x.ini:2:3: expected Key=value" },
		{ "[A\n", "x.ini:1:1: a section needs a closing ]" },
		{ "[A] b\n", "x.ini:1:4: unexpected text" },
		{ "[]\n", "x.ini:1:" },
		{ "[A]\n=1\n", "x.ini:2:1: a key is missing" },
		{ "[A]\nK=a\\\nb\nworse\n", "x.ini:4:1:" },
	};
	struct parsed *parsed = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		parsed->err = (struct err){ 0 };
		assert_int_equal(parse(parsed, bad[i].text), -EINVAL);
		assert_says(parsed->err.msg, bad[i].says);
	}
}

static void names_unknown_keys(void **state)
{
	static const char *const known[] = { "Type", NULL };
	struct parsed *parsed = *state;

	assert_int_equal(parse(parsed, "[A]\nType=1\n Typo=2\n"), 0);
	assert_int_equal(ini_check_keys(parsed->ini, parsed->ini->sections, known, &parsed->err),
			-EINVAL);
	assert_string_equal(parsed->err.msg, "x.ini:3:2: unknown key Typo in [A]");
}

static void complains_where_a_value_stands(void **state)
{
	struct parsed *parsed = *state;

	assert_int_equal(parse(parsed, "[A]\n[B c]\nType=1\n Type=2\n"), 0);
	assert_int_equal(ini_complain(parsed->ini, &parsed->ini->sections[1], "Type", "is odd",
					 &parsed->err),
			-EINVAL);
	assert_string_equal(parsed->err.msg, "x.ini:4:7: [B c] Type= is odd");
	parsed->err = (struct err){ 0 };
	ini_complain(parsed->ini, parsed->ini->sections, "Type", "is missing", &parsed->err);
	assert_string_equal(parsed->err.msg, "x.ini:1:1: [A] Type= is missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_order_and_repeats, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_comments_out, setup, teardown),
		cmocka_unit_test_setup_teardown(joins_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(joins_no_comments, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_an_end_without_newline, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_where_it_is_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(names_unknown_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(complains_where_a_value_stands, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

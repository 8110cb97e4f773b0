/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/verb.h"

#include "base/cleanup.h"
#include "command/verb_text.h"

#include "tests/assert.h"

/* The call that the verb got. */
static struct {
	size_t count, values;
	const char *first, *name, *second_name;
	bool json, loud;
} seen;

static int run(struct verb_call *call)
{
	seen.count = call->count;
	seen.values = call->value_count;
	seen.first = call->count ? call->args[0] : NULL;
	seen.name = call_value(call, "name");
	seen.second_name = call_value_at(call, "name", 1);
	seen.json = call_has(call, "json");
	seen.loud = call_has(call, "loud");
	return 1;
}

static const struct flag own_flags[] = {
	{ "name", 'n', "NAME", "A name" },
	{ "loud", 'l', NULL, "Loudly" },
	{ 0 },
};
static const struct flag program_flags[] = { { "json", 0, NULL, "JSON" }, { 0 } };

static const char *colour(size_t index, const char **help)
{
	*help = index ? "like grass" : "like blood";
	return index > 1 ? NULL : index ? "green" : "red";
}

/* Two more tables: one with more flags than anybody wants to count, and one with a flag that
 * both have. */
static const struct flag *more_flags(size_t index)
{
	static const struct flag colour_flags[] = {
		{ "colour", 'c', "COLOUR", "A colour", colour },
		{ 0 },
	};
	static const struct flag many[] = {
#define TEN(tens)                                                                   \
	{ "f" #tens "0" }, { "f" #tens "1" }, { "f" #tens "2" }, { "f" #tens "3" }, \
			{ "f" #tens "4" }, { "f" #tens "5" }, { "f" #tens "6" },    \
			{ "f" #tens "7" }, { "f" #tens "8" }, { "f" #tens "9" }
		TEN(0),
		TEN(1),
		TEN(2),
		TEN(3),
		TEN(4),
		TEN(5),
		{ "colour", 0, "HUE", "Another" },
		{ 0 },
	};

	return index == 0 ? colour_flags : index == 1 ? many : NULL;
}

static const struct verb verbs[] = {
	{ "show", "PF [N]", "Show", NULL, own_flags, run },
	{ "lab up", "[TOPOLOGY]", "Up", NULL, NULL, run },
	{ "join", "FILE...", "Join", NULL, NULL, run, more_flags },
	{ 0 },
};
static const struct verb *const groups[] = { verbs, NULL };
static const struct program program = { "prog", "test", NULL, groups, program_flags };

static int call(const char *a, const char *b, const char *c, const char *d, const char *e)
{
	char *argv[] = { "prog", (char *)a, (char *)b, (char *)c, (char *)d, (char *)e, NULL };
	int argc = 1;

	memset(&seen, 0, sizeof(seen));
	while (argv[argc])
		argc++;
	return program_main(&program, argc, argv);
}

static void passes_arguments_and_flags(void **state)
{
	(void)state;
	assert_int_equal(call("show", "--name=x", "eth0", "--json", "-l"), 1);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.first, "eth0");
	assert_string_equal(seen.name, "x");
	assert_true(seen.json && seen.loud);
}

static void tells_all_values_of_a_flag(void **state)
{
	(void)state;
	assert_int_equal(call("show", "eth0", "-nx", "-n", "y"), 1);
	assert_string_equal(seen.name, "y");
	assert_string_equal(seen.second_name, "y");
}

static void takes_a_negative_number_as_a_value(void **state)
{
	(void)state;
	assert_int_equal(call("show", "eth0", "--name", "-1", NULL), 1);
	assert_string_equal(seen.name, "-1");
}

static void finds_verbs_of_two_words(void **state)
{
	(void)state;
	assert_int_equal(call("lab", "up", NULL, NULL, NULL), 1);
	assert_int_equal(call("lab", "down", NULL, NULL, NULL), EXIT_USAGE);
	assert_int_equal(call("lab", NULL, NULL, NULL, NULL), EXIT_USAGE);
}

static void counts_arguments(void **state)
{
	(void)state;
	assert_int_equal(call("show", NULL, NULL, NULL, NULL), EXIT_USAGE);
	assert_int_equal(call("show", "a", "b", NULL, NULL), 1);
	assert_int_equal(call("show", "a", "b", "c", NULL), EXIT_USAGE);
	assert_int_equal(call("join", NULL, NULL, NULL, NULL), EXIT_USAGE);
	assert_int_equal(call("join", "a", "b", "c", "d"), 1);
	assert_int_equal(seen.count, 4);
}

static void refuses_unknown_words(void **state)
{
	(void)state;
	assert_int_equal(call(NULL, NULL, NULL, NULL, NULL), EXIT_USAGE);
	assert_int_equal(call("shows", "a", NULL, NULL, NULL), EXIT_USAGE);
	assert_int_equal(call("show", "a", "--nope", NULL, NULL), EXIT_USAGE);
	assert_int_equal(call("show", "a", "--name", NULL, NULL), EXIT_USAGE);
	assert_int_equal(call("lab", "up", "--loud", NULL, NULL), EXIT_USAGE);
}

static void takes_any_number_of_options(void **state)
{
	char *argv[1003] = { "prog", "join" };

	(void)state;
	for (size_t i = 2; i < 1001; i++)
		argv[i] = "--f59";
	argv[1001] = "file";
	assert_int_equal(program_main(&program, 1002, argv), 1);
	assert_int_equal(seen.values, 999);
}

static void shows_the_flags_of_all_tables_once(void **state)
{
	CLEANUP(cleanup_free) char *help = NULL;
	const char *found;
	size_t length;
	FILE *out = open_memstream(&help, &length);

	(void)state;
	verb_print_help(&program, &verbs[2], out);
	fclose(out);
	assert_non_null(strstr(help, "--f59"));
	assert_non_null(strstr(help, "green: like grass"));
	found = strstr(help, "--colour COLOUR");
	assert_non_null(found);
	assert_null(strstr(found + 1, "--colour"));
}

static void tells_bad_input_from_an_unusable_host(void **state)
{
	struct verb_call made = { .program = &program, .verb = verbs };
	struct err err = { EINVAL, "x" };

	(void)state;
	assert_int_equal(call_failed(&made, &err), EXIT_USAGE);
	err.code = ERANGE;
	assert_int_equal(call_failed(&made, &err), EXIT_USAGE);
	err.code = EPERM;
	assert_int_equal(call_failed(&made, &err), EXIT_UNUSABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_arguments_and_flags),
		cmocka_unit_test(tells_all_values_of_a_flag),
		cmocka_unit_test(takes_a_negative_number_as_a_value),
		cmocka_unit_test(finds_verbs_of_two_words),
		cmocka_unit_test(counts_arguments),
		cmocka_unit_test(refuses_unknown_words),
		cmocka_unit_test(takes_any_number_of_options),
		cmocka_unit_test(shows_the_flags_of_all_tables_once),
		cmocka_unit_test(tells_bad_input_from_an_unusable_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

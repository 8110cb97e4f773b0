/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/table.h"

#include <stdlib.h>

#include "tests/assert.h"

struct printed {
	struct table *table;
	FILE *file;
	char *text;
	size_t size;
};

static int setup(void **state)
{
	static const char *const headings[] = { "PF", "NAME", "X" };
	struct printed *printed = calloc(1, sizeof(*printed));

	if (!printed)
		return -1;
	printed->table = table_new(3, headings);
	printed->file = open_memstream(&printed->text, &printed->size);
	*state = printed;
	return printed->file ? 0 : -1;
}

static int teardown(void **state)
{
	struct printed *printed = *state;

	table_free(printed->table);
	fclose(printed->file);
	free(printed->text);
	free(printed);
	return 0;
}

static const char *print(struct printed *printed)
{
	table_print(printed->table, printed->file);
	fflush(printed->file);
	return printed->text;
}

static void aligns_columns(void **state)
{
	struct printed *printed = *state;

	for (int i = 0; i < 2; i++) {
		table_cell(printed->table, "%d", i);
		table_cell(printed->table, "%s", i ? "long-name" : "n");
		table_cell(printed->table, "x");
	}
	assert_string_equal(
			print(printed), "PF  NAME       X\n0   n          x\n1   long-name  x\n");
}

static void counts_characters_not_bytes(void **state)
{
	struct printed *printed = *state;

	table_cell(printed->table, "\xc3\xa9\xc3\xa9\xc3\xa9");
	table_cell(printed->table, "b");
	table_cell(printed->table, "c");
	assert_string_equal(print(printed), "PF   NAME  X\n\xc3\xa9\xc3\xa9\xc3\xa9  b     c\n");
}

static void shows_control_characters_harmlessly(void **state)
{
	struct printed *printed = *state;

	table_cell(printed->table, "\033[2J");
	table_cell(printed->table, "a\nb");
	table_cell(printed->table, "\x7f");
	assert_string_equal(print(printed), "PF    NAME  X\n?[2J  a?b   ?\n");
	text_print_safe("\033]0;x\007", printed->file);
	fflush(printed->file);
	assert_says(printed->text, "?]0;x?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(aligns_columns, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_characters_not_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(
				shows_control_characters_harmlessly, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

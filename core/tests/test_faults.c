/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/faults.h"

#include <stdlib.h>

#include "tests/assert.h"

struct fixture {
	struct ini *ini;
	struct faults faults;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	return ini_parse("x.conf", "[A]\nOn=yes\nOff=0\n  Bad=maybe\nN=42\nFar=43\n", &fixture->ini,
			NULL);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	ini_free(fixture->ini);
	faults_free(&fixture->faults);
	free(fixture);
	return 0;
}

static void reads_values(void **state)
{
	struct fixture *fixture = *state;
	const struct ini_entry *entries = fixture->ini->sections[0].entries;
	bool on = false, off = true;
	uint64_t number = 0;

	assert_true(entry_bool(fixture->ini, &entries[0], &on, &fixture->faults));
	assert_true(entry_bool(fixture->ini, &entries[1], &off, &fixture->faults));
	assert_true(entry_number(fixture->ini, &entries[3], 0, 42, &number, &fixture->faults));
	assert_true(on && !off && number == 42);
	assert_int_equal(fixture->faults.count, 0);
}

static void keeps_all_faults_with_their_places(void **state)
{
	struct fixture *fixture = *state;
	const struct ini_entry *entries = fixture->ini->sections[0].entries;
	bool truth = true;
	uint64_t number = 7;

	assert_false(entry_bool(fixture->ini, &entries[2], &truth, &fixture->faults));
	assert_false(entry_number(fixture->ini, &entries[4], 1, 42, &number, &fixture->faults));
	fault_add(&fixture->faults, "%s", "more");
	assert_true(truth && number == 7);
	assert_int_equal(fixture->faults.count, 3);
	assert_string_equal(
			fixture->faults.lines[0], "x.conf:4:3: Bad= takes yes or no, not 'maybe'");
	assert_string_equal(fixture->faults.lines[1],
			"x.conf:6:1: Far= takes a number from 1 to 42, not '43'");
	assert_string_equal(fixture->faults.lines[2], "more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_values, setup, teardown),
		cmocka_unit_test_setup_teardown(
				keeps_all_faults_with_their_places, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

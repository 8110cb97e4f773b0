/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include "tests/assert.h"

static bool third_time(void *argument)
{
	return ++*(int *)argument == 3;
}

static bool never(void *argument)
{
	++*(int *)argument;
	return false;
}

static void polls_until_it_holds(void **state)
{
	int asked = 0;

	(void)state;
	assert_true(clock_poll(third_time, &asked, deadline_in(10000), 1));
	assert_int_equal(asked, 3);
}

static void polls_no_longer_than_the_deadline(void **state)
{
	int64_t start = clock_ms();
	int asked = 0;

	(void)state;
	assert_false(clock_poll(never, &asked, deadline_in(20), 5));
	assert_true(clock_ms() - start >= 20);
	assert_true(asked >= 2);
}

static void asks_once_when_time_is_up(void **state)
{
	int asked = 2;

	(void)state;
	assert_true(clock_poll(third_time, &asked, deadline_in(0), 1000));
}

static void has_nothing_left_after_the_deadline(void **state)
{
	(void)state;
	assert_int_equal(deadline_left(deadline_in(-5)), 0);
	assert_true(deadline_left(deadline_in(INT64_MAX / 2)) > 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(polls_until_it_holds),
		cmocka_unit_test(polls_no_longer_than_the_deadline),
		cmocka_unit_test(asks_once_when_time_is_up),
		cmocka_unit_test(has_nothing_left_after_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

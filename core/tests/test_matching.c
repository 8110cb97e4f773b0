/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "base/random.h"
#include "tests/assert.h"
#include "vm/matching.h"

enum { TAKERS = 6, THINGS = 6, ROUNDS = 20000 };

struct case_ {
	size_t takers, things;
	size_t lists[TAKERS][THINGS];
	struct wishes wishes[TAKERS];
};

static unsigned random_below(unsigned bound)
{
	static uint64_t random = 1;

	return (unsigned)(random_next(&random) % bound);
}

static void make(struct case_ *made)
{
	unsigned of_four = 1 + random_below(3);

	made->takers = random_below(TAKERS + 1);
	made->things = random_below(THINGS + 1);
	for (size_t i = 0; i < made->takers; i++) {
		size_t count = 0, first = made->things ? random_below((unsigned)made->things) : 0;

		for (size_t k = 0; k < made->things; k++) {
			if (random_below(4) < of_four)
				made->lists[i][count++] = (first + k) % made->things;
		}
		made->wishes[i] = (struct wishes){ made->lists[i], count };
	}
}

/* Tries everything: the most of the takers from FIRST on that can be served with what is left. */
static size_t most(const struct case_ *made, size_t first, size_t count, unsigned used)
{
	size_t best;

	if (first == count)
		return 0;
	best = most(made, first + 1, count, used);
	for (size_t i = 0; i < made->wishes[first].count; i++) {
		unsigned bit = 1u << made->wishes[first].things[i];
		size_t here = used & bit ? 0 : 1 + most(made, first + 1, count, used | bit);

		best = here > best ? here : best;
	}
	return best;
}

static bool wants(const struct wishes *wishes, ptrdiff_t thing)
{
	for (size_t i = 0; i < wishes->count; i++) {
		if ((ptrdiff_t)wishes->things[i] == thing)
			return true;
	}
	return false;
}

static void serves_as_many_as_any_assignment(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		ptrdiff_t taken[TAKERS];
		struct case_ made = { 0 };
		size_t served, so_far = 0;
		unsigned used = 0;

		make(&made);
		served = matching_find(made.wishes, made.takers, made.things, taken);
		for (size_t i = 0; i < made.takers; i++) {
			if (taken[i] != MATCHING_NONE) {
				assert_true(wants(&made.wishes[i], taken[i]));
				assert_false(used >> taken[i] & 1);
				used |= 1u << taken[i];
				so_far++;
			}
			assert_int_equal(so_far, most(&made, 0, i + 1, 0));
		}
		assert_int_equal(served, so_far);
	}
}

/* The first fit would give the only thing of the second taker to the first. */
static void moves_a_taker_for_one_with_less_choice(void **state)
{
	const size_t both[] = { 0, 1 }, one[] = { 0 };
	const struct wishes takers[] = { { both, 2 }, { one, 1 } };
	ptrdiff_t taken[2];

	(void)state;
	assert_int_equal(matching_find(takers, 2, 2, taken), 2);
	assert_int_equal(taken[0], 1);
	assert_int_equal(taken[1], 0);
	assert_int_equal(matching_find(takers, 1, 2, taken), 1);
	assert_int_equal(taken[0], 0);
}

static void gives_each_its_favourite_if_it_can(void **state)
{
	const size_t all[] = { 0, 1, 2 };
	const struct wishes takers[] = { { all, 3 }, { all, 3 }, { all, 3 } };
	ptrdiff_t taken[3];

	(void)state;
	assert_int_equal(matching_find(takers, 3, 3, taken), 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(taken[i], i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serves_as_many_as_any_assignment),
		cmocka_unit_test(gives_each_its_favourite_if_it_can),
		cmocka_unit_test(moves_a_taker_for_one_with_less_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

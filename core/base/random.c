/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/random.h"

uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state += RANDOM_STEP;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

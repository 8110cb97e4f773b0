/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

/* What each call adds to the state. */
#define RANDOM_STEP 0x9e3779b97f4a7c15ull

/* Returns the next number of a sequence that STATE determines (splitmix64, from Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators", 2014). Similar states give unrelated
 * numbers. Not for secrets. */
uint64_t random_next(uint64_t *state);

#endif

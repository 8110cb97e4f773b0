/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/matching.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* Augmenting paths, one taker after another (H. W. Kuhn, 1955): one that is served stays served,
 * and may get another thing. */

struct matching {
	const struct wishes *takers;
	ptrdiff_t *taken; /* by taker */
	ptrdiff_t *owner; /* by thing: its taker, or MATCHING_NONE */
	bool *seen;       /* by thing, in this search */
};

static bool take(struct matching *matching, size_t taker, size_t thing)
{
	matching->owner[thing] = (ptrdiff_t)taker;
	matching->taken[taker] = (ptrdiff_t)thing;
	return true;
}

/* What nobody has comes first, so nobody changes without need. */
static bool serve(struct matching *matching, size_t taker)
{
	const struct wishes *wishes = &matching->takers[taker];

	for (size_t i = 0; i < wishes->count; i++) {
		if (matching->owner[wishes->things[i]] == MATCHING_NONE)
			return take(matching, taker, wishes->things[i]);
	}
	for (size_t i = 0; i < wishes->count; i++) {
		size_t thing = wishes->things[i];

		if (matching->seen[thing])
			continue;
		matching->seen[thing] = true;
		if (serve(matching, (size_t)matching->owner[thing]))
			return take(matching, taker, thing);
	}
	return false;
}

size_t matching_find(const struct wishes *takers, size_t count, size_t things, ptrdiff_t *taken)
{
	CLEANUP(cleanup_free) ptrdiff_t *owner = calloc(things + 1, sizeof(*owner));
	CLEANUP(cleanup_free) bool *seen = calloc(things + 1, sizeof(*seen));
	struct matching matching = { takers, taken, owner, seen };
	size_t served = 0;

	if (!owner || !seen)
		abort();
	for (size_t i = 0; i < things; i++)
		owner[i] = MATCHING_NONE;
	for (size_t i = 0; i < count; i++)
		taken[i] = MATCHING_NONE;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < things; k++)
			seen[k] = false;
		served += serve(&matching, i);
	}
	return served;
}

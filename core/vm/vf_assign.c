/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/vf_assign.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "vm/matching.h"

struct assigning {
	const struct vf_candidates *const *lists;
	size_t *numbers; /* of the candidates of all lists, one after another */
	size_t things;
};

/* A VF has one number, whichever lists it is in. */
static size_t number_of(struct assigning *assigning, size_t list, size_t index)
{
	struct bdf vf = assigning->lists[list]->list[index].vf;
	size_t *number = assigning->numbers;

	for (size_t i = 0; i <= list; i++) {
		const struct vf_candidates *vfs = assigning->lists[i];

		for (size_t k = 0; k < (i == list ? index : vfs->count); k++, number++) {
			if (bdf_equal(vfs->list[k].vf, vf))
				return *number;
		}
	}
	return assigning->things++;
}

static size_t count_all(const struct vf_candidates *const lists[], size_t count)
{
	size_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += lists[i]->count;
	return total;
}

void vf_assign(const struct vf_candidates *const lists[], size_t count, ptrdiff_t *taken)
{
	CLEANUP(cleanup_free)
	size_t *numbers = calloc(count_all(lists, count) + 1, sizeof(*numbers));
	CLEANUP(cleanup_free) struct wishes *wishes = calloc(count + 1, sizeof(*wishes));
	struct assigning assigning = { lists, numbers, 0 };
	size_t used = 0;

	if (!numbers || !wishes)
		abort();
	for (size_t i = 0; i < count; i++) {
		wishes[i] = (struct wishes){ numbers + used, lists[i]->count };
		for (size_t k = 0; k < lists[i]->count; k++)
			numbers[used + k] = number_of(&assigning, i, k);
		used += lists[i]->count;
	}
	matching_find(wishes, count, assigning.things, taken);
	for (size_t i = 0; i < count; i++) {
		ptrdiff_t thing = taken[i];

		for (size_t k = 0; thing != MATCHING_NONE && k < lists[i]->count; k++) {
			if (wishes[i].things[k] == (size_t)thing)
				taken[i] = (ptrdiff_t)k;
		}
	}
}

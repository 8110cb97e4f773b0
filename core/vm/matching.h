/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_MATCHING_H
#define VM_MATCHING_H

#include <stddef.h>

/* What one taker would take: numbers of things, the one that it likes best first. */
struct wishes {
	const size_t *things;
	size_t count;
};

enum { MATCHING_NONE = -1 };

/*
 * Gives takers one thing each, and no thing twice. TAKEN gets a thing's number or MATCHING_NONE for
 * each taker. A taker goes without only if it cannot be served together with all those served
 * before it, so the most takers are served, and of the first N as many as N alone could be. THINGS
 * is above every number. Returns how many takers are served.
 */
size_t matching_find(const struct wishes *takers, size_t count, size_t things, ptrdiff_t *taken);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_SELECT_H
#define RUN_SELECT_H

#include <stdbool.h>

#include "base/record.h"

/* What the user asks to run: names of suites, and ids of checks or patterns for them (as a shell's).
 * A check runs when one of them names it; nothing asked is everything but what stands apart. */
struct selection {
	const char *const *suites;
	size_t suite_count;
	const char *const *checks;
	size_t check_count;
	bool sparing; /* a suite does not bring what stands apart, only a check's own name does */
};

/* DECLARED is the list of checks as vfsuite gives it. IDS become an array of ids in its order. A name
 * that fits nothing is -EINVAL with the names that are near it. */
int select_checks(const struct selection *selection, const struct record *declared,
		struct record **ids, struct err *err);

/* The array IDS in an order that SEED fixes, as a fresh array. */
struct record *select_shuffle(const struct record *ids, uint64_t seed);

/* -EINVAL unless DECLARED is a list of checks with distinct ids, each with a suite. */
int select_validate(const struct record *declared, struct err *err);

/* The check of that id in the list, or NULL. */
const struct record *select_find(const struct record *declared, const char *id);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_SELECT_H
#define RUN_SELECT_H

#include <stdbool.h>

#include "data/record.h"

/* The checks to run: names of suites and ids of checks, or shell patterns for either. A check runs if one
 * of them matches it. An empty selection is all checks that the rig can meet the needs of, except slow
 * ones. */
struct selection {
	const char *const *suites;
	size_t suite_count;
	const char *const *checks;
	size_t check_count;
	const char *const *
			lacking; /* needs that the rig does not meet; the last is NULL. NULL: none */
	bool skip_slow;          /* a slow check runs only if its id matches, not its suite */
};

/* DECLARED is vfsuite's list of checks. IDS become an array of ids in its order. -EINVAL for a
 * name that matches nothing; the message lists similar names. */
int select_checks(const struct selection *selection, const struct record *declared,
		struct record **ids, struct err *err);

/* Returns a new array with IDS in an order that SEED determines. */
struct record *select_shuffle(const struct record *ids, uint64_t seed);

/* -EINVAL unless DECLARED is a list of checks with distinct ids, each with a suite. */
int select_validate(const struct record *declared, struct err *err);

/* The check with that id in the list, or NULL. */
const struct record *select_find(const struct record *declared, const char *id);

#endif

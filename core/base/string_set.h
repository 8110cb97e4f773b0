/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_STRING_SET_H
#define BASE_STRING_SET_H

#include <stdbool.h>
#include <stddef.h>

/* A set of strings in order of insertion. Functions that add to it end the program when memory
 * runs out. */
struct string_set {
	char **list;
	size_t count;
};

bool string_set_has(const struct string_set *set, const char *text);
bool string_set_add(struct string_set *set, const char *text);    /* false: already present */
bool string_set_remove(struct string_set *set, const char *text); /* false: was not present */
struct string_set string_set_copy(const struct string_set *set);
void string_set_free(struct string_set *set);

/* Returns "red, blue", or "" for an empty set; the caller frees it. */
char *string_set_join(const struct string_set *set, const char *between);

#endif

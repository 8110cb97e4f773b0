/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* A set of names in the order in which they came. Building ends the program when memory runs out. */
struct names {
	char **list;
	size_t count;
};

enum { NAME_MOST = 60 }; /* characters */

/* A letter or digit, then letters, digits, '.', '_' and '-': fit for the name of a file. */
bool name_is_valid(const char *name);

bool names_have(const struct names *names, const char *name);
bool names_add(struct names *names, const char *name);    /* false: it is there already */
bool names_remove(struct names *names, const char *name); /* false: it is not there */
struct names names_copy(const struct names *names);
void names_free(struct names *names);

/* "red, blue", "" for none; for the caller to free. */
char *names_text(const struct names *names, const char *between);

#endif

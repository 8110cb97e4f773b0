/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_FLAG_SET_H
#define COMMAND_FLAG_SET_H

#include "command/verb.h"

/* The flags of a verb or of a program, from all their tables. Of several with the same name only
 * the first counts. */
struct flag_set {
	const struct flag **list;
	size_t count;
};

void flag_set_add(struct flag_set *set, const struct flag *flag);
void flag_set_add_table(struct flag_set *set, const struct flag *flags); /* may be NULL */
void flag_set_add_verb(struct flag_set *set, const struct verb *verb);
void flag_set_free(struct flag_set *set);

/* Returns the flags of the verb, then those of the program, then --debug and --help. */
struct flag_set flag_set_of(const struct program *program, const struct verb *verb);

extern const struct flag flag_debug, flag_help;

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_CALL_H
#define VFCERT_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "command/verb.h"

/* What several verbs read from a command line. */

/* All values of a repeated flag, in their order. */
struct call_values {
	const char **list;
	size_t count;
};
struct call_values call_values(const struct verb_call *call, const char *flag);
void cleanup_call_values(struct call_values *values);

/* Prints a word of a command line, quoted where a shell would interpret it. */
void call_print_word(const char *word, FILE *out);

/* The command line, quoted for a shell; the caller frees it. */
char *call_command(const struct verb_call *call);

/* Whether to print in colour to the descriptor: it is a terminal, and NO_COLOR is not set. */
bool call_colour(int fd);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_CALL_H
#define VFCERT_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/verb.h"

/* What several verbs make of a command line. */

/* All values of a repeated flag, at most LIMIT; gives their number. */
size_t call_values(
		const struct verb_call *call, const char *flag, const char **values, size_t limit);

/* The command as a person could type it again, for the caller to free. */
char *call_command(const struct verb_call *call);

/* Whether colour is wanted on the descriptor: a terminal, and no NO_COLOR. */
bool call_colour(int fd);

#endif

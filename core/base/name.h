/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <stdbool.h>

enum {
	NAME_MOST = 60, /* characters */
	NAME_ROOM = 64, /* for a name and a zero, also of a driver, a process, a card */
};

/* Whether NAME is a letter or digit, then letters, digits, '.', '_' and '-', and so can be a
 * file name. */
bool name_is_valid(const char *name);

#endif

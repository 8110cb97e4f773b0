/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <stdbool.h>

enum {
	NAME_MOST = 60, /* characters */
	NAME_ROOM = 64, /* for a name with its end, also of a driver, a process, a card */
};

/* A letter or digit, then letters, digits, '.', '_' and '-': fit for the name of a file. */
bool name_is_valid(const char *name);

#endif

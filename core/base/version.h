/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#include <stdbool.h>

/* Versions: "10.0.2-rc1" against "10.1", number by number. A missing number is 0; what is not a
 * number ends it. Returns less than, equal to, or greater than 0. */
int version_compare(const char *a, const char *b);

/* VERSION is BEGINNING, or goes on after it with something else than a digit: 6.12.1 begins with
 * 6.12 and not with 6.1. */
bool version_begins(const char *version, const char *beginning);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#include <stdbool.h>

/* Compares versions number by number: "10.0.2-rc1" with "10.1". A missing number is 0; what is
 * not a number ends the comparison. Returns less than, equal to, or greater than 0. */
int version_compare(const char *a, const char *b);

/* Whether VERSION is BEGINNING, or continues after it with something other than a digit: 6.12.1
 * begins with 6.12 but not with 6.1. */
bool version_begins(const char *version, const char *beginning);

#endif

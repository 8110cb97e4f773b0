/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdint.h>

/*
 * Strict numbers: the whole text, decimal or 0x hexadecimal, no sign, no spaces, inside
 * [MIN, MAX]. Returns 0, -EINVAL (not a number) or -ERANGE.
 */
int number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdint.h>

/*
 * Parses numbers strictly: the whole text, decimal or 0x hexadecimal, without sign or spaces,
 * within [MIN, MAX]. Returns 0, -EINVAL (not a number) or -ERANGE.
 */
int number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdint.h>

/* printf into a new string for the caller to free. Never NULL: it ends the program when memory is
 * out. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The ending of a noun after COUNT: "" after 1, else "s". */
const char *text_plural(uint64_t count);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/* printf into a new string for the caller to free. Never NULL: it ends the program when memory is
 * out. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

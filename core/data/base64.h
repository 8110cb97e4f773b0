/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_BASE64_H
#define DATA_BASE64_H

#include <stddef.h>

/* Base64 of RFC 4648 with padding, without line breaks. */

/* Returns a new string for the caller to free. */
char *base64_print(const void *data, size_t length);

/* Accepts only the text that base64_print() writes for the data. -EINVAL: unused bits are set,
 * padding is missing, or a character is invalid. The caller frees DATA, which has a zero after its
 * LENGTH bytes. */
int base64_parse(const char *text, unsigned char **data, size_t *length);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_BASE64_H
#define DATA_BASE64_H

#include <stddef.h>

/* Base64 of RFC 4648 with padding, without line breaks. */

/* A fresh string for the caller to free. */
char *base64_print(const void *data, size_t length);

/* Takes the one text that base64_print() gives for the data, and no other: -EINVAL where bits that mean
 * nothing are set, padding is absent, or a character is none. DATA is the caller's, and has a zero
 * behind its LENGTH bytes. */
int base64_parse(const char *text, unsigned char **data, size_t *length);

#endif

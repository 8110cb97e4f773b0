/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_DIGEST_H
#define DATA_DIGEST_H

#include <stddef.h>

/* SHA-256 over pieces, as 64 lower-case hex digits. The length of each piece goes before it, as
 * 8 bytes in little-endian order, so that ("ab","c") and ("a","bc") differ. */
struct digest;

#define DIGEST_TEXT 65

struct digest *digest_begin(void);
void digest_add(struct digest *digest, const void *data, size_t length);
void digest_add_str(struct digest *digest, const char *text);

/* Adds the line that sha256sum prints for the file NAME. A digest of such lines only equals that
 * of `sha256sum NAME... | sha256sum`. */
void digest_add_file(struct digest *digest, const char *name, const void *data, size_t length);

void digest_end(struct digest *digest, char text[DIGEST_TEXT]); /* frees the digest */

/* SHA-256 of these bytes alone, as sha256sum prints it. */
void digest_bytes(const void *data, size_t length, char text[DIGEST_TEXT]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/base64.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_print(const void *data, size_t length)
{
	const unsigned char *from = data;
	char *text = malloc((length + 2) / 3 * 4 + 1), *to = text;

	if (!text)
		abort();
	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t bits = (uint32_t)from[i] << 16;

		bits |= left > 1 ? (uint32_t)from[i + 1] << 8 : 0;
		bits |= left > 2 ? from[i + 2] : 0;
		*to++ = digits[bits >> 18];
		*to++ = digits[bits >> 12 & 63];
		*to++ = left > 1 ? digits[bits >> 6 & 63] : '=';
		*to++ = left > 2 ? digits[bits & 63] : '=';
	}
	*to = '\0';
	return text;
}

/* Decodes four characters of TEXT into up to three bytes at TO. Returns their number, 0 if the
 * characters are invalid. */
static size_t parse_quantum(const char *text, unsigned char *to)
{
	size_t count = text[2] == '=' ? 1 : text[3] == '=' ? 2 : 3;
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		const char *digit = i <= count ? strchr(digits, text[i]) : digits;

		if (!digit || (i > count && text[i] != '='))
			return 0;
		bits = bits << 6 | (uint32_t)(digit - digits);
	}
	for (size_t i = 0; i < 3; i++) {
		unsigned char byte = (unsigned char)(bits >> (16 - 8 * i));

		if (i < count)
			to[i] = byte;
		else if (byte)
			return 0;
	}
	return count;
}

int base64_parse(const char *text, unsigned char **data, size_t *length)
{
	size_t size = strlen(text), used = 0;
	unsigned char *bytes;

	if (size % 4)
		return -EINVAL;
	bytes = malloc(size / 4 * 3 + 1);
	if (!bytes)
		abort();
	for (size_t i = 0; i < size; i += 4) {
		size_t count = parse_quantum(text + i, bytes + used);

		if (!count || (count < 3 && i + 4 < size)) {
			free(bytes);
			return -EINVAL;
		}
		used += count;
	}
	bytes[used] = '\0';
	*data = bytes;
	*length = used;
	return 0;
}

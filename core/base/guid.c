/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/guid.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* The text consists of GROUPS of DIGITS hex digits each, with colons between them. */
static bool has_groups(const char *text, size_t groups, size_t digits)
{
	size_t length = groups * (digits + 1) - 1;

	if (strlen(text) != length)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (i % (digits + 1) == digits ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

int guid_parse(const char *text, uint64_t *guid)
{
	bool is_number = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = is_number ? text + 2 : text;
	char number[2 + 16 + 1] = "0x", *end = number + 2;

	if (is_number ? !has_groups(digits, 1, 16)
		      : !has_groups(digits, 8, 2) && !has_groups(digits, 4, 4))
		return -EINVAL;
	for (; *digits; digits++) {
		if (*digits != ':')
			*end++ = *digits;
	}
	*end = '\0';
	return number_parse(number, 0, UINT64_MAX, guid);
}

const char *guid_format(uint64_t guid, char text[GUID_TEXT])
{
	size_t used = 0;

	for (int shift = 56; shift >= 0; shift -= 8)
		used += (size_t)snprintf(text + used, GUID_TEXT - used, "%02x%s",
				(unsigned)(guid >> shift & 0xff), shift ? ":" : "");
	return text;
}

bool guid_is_null(uint64_t guid)
{
	return !guid || !~guid;
}

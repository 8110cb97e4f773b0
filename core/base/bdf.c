/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bdf.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Parses MIN to MAX hex digits followed by the character END, and steps over both. */
static int take_hex(const char **text, int min, int max, char end, uint32_t *value)
{
	int digits = 0;

	*value = 0;
	for (; isxdigit((unsigned char)**text) && digits < max; (*text)++, digits++) {
		int c = tolower((unsigned char)**text);

		*value = *value << 4 | (uint32_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	if (digits < min || **text != end)
		return -EINVAL;
	if (end)
		(*text)++;
	return 0;
}

int bdf_parse(const char *text, struct bdf *bdf)
{
	const char *first = strchr(text, ':');
	uint32_t domain = 0, bus, device, function;

	if (first && strchr(first + 1, ':') && take_hex(&text, 4, 8, ':', &domain) < 0)
		return -EINVAL;
	if (take_hex(&text, 2, 2, ':', &bus) < 0 || take_hex(&text, 2, 2, '.', &device) < 0 ||
			take_hex(&text, 1, 1, '\0', &function) < 0)
		return -EINVAL;
	if (device > 31 || function > 7)
		return -EINVAL;
	*bdf = (struct bdf){ domain, (uint8_t)bus, (uint8_t)device, (uint8_t)function };
	return 0;
}

const char *bdf_format(struct bdf bdf, char text[BDF_TEXT])
{
	snprintf(text, BDF_TEXT, "%04x:%02x:%02x.%x", bdf.domain, bdf.bus, bdf.device & 31,
			bdf.function & 7);
	return text;
}

int bdf_compare(struct bdf a, struct bdf b)
{
	if (a.domain != b.domain)
		return a.domain < b.domain ? -1 : 1;
	return (int)bdf_rid(a) - (int)bdf_rid(b);
}

bool bdf_equal(struct bdf a, struct bdf b)
{
	return bdf_compare(a, b) == 0;
}

uint16_t bdf_rid(struct bdf bdf)
{
	return (uint16_t)(bdf.bus << 8 | bdf.device << 3 | bdf.function);
}

struct bdf bdf_at_rid(uint32_t domain, uint16_t rid)
{
	return (struct bdf){ domain, (uint8_t)(rid >> 8), rid >> 3 & 31, rid & 7 };
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mac.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct mac mac_broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

int mac_parse(const char *text, struct mac *mac)
{
	struct mac parsed;

	if (strlen(text) != MAC_TEXT - 1)
		return -EINVAL;
	for (int i = 0; i < 6; i++) {
		int high = hex_digit(text[3 * i]), low = hex_digit(text[3 * i + 1]);

		if (high < 0 || low < 0 || (i < 5 && text[3 * i + 2] != ':'))
			return -EINVAL;
		parsed.octet[i] = (uint8_t)(high << 4 | low);
	}
	*mac = parsed;
	return 0;
}

const char *mac_format(struct mac mac, char text[MAC_TEXT])
{
	const uint8_t *o = mac.octet;

	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", o[0], o[1], o[2], o[3], o[4],
			o[5]);
	return text;
}

bool mac_equal(struct mac a, struct mac b)
{
	return !memcmp(a.octet, b.octet, sizeof(a.octet));
}

bool mac_is_zero(struct mac mac)
{
	return mac_equal(mac, (struct mac){ 0 });
}

bool mac_is_multicast(struct mac mac)
{
	return mac.octet[0] & 1;
}

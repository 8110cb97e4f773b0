/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include <stdbool.h>
#include <stdint.h>

/* An Ethernet address, in the order of the wire. */
struct mac {
	uint8_t octet[6];
};

extern const struct mac mac_broadcast;

#define MAC_TEXT 18 /* "52:54:00:12:34:56" and its zero */

/* Six pairs of hex digits with colons, nothing else. Returns 0 or -EINVAL. */
int mac_parse(const char *text, struct mac *mac);
const char *mac_format(struct mac mac, char text[MAC_TEXT]);

bool mac_equal(struct mac a, struct mac b);
bool mac_is_zero(struct mac mac);
bool mac_is_multicast(struct mac mac); /* broadcast is one of them */

#endif

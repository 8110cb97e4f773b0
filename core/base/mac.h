/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include <stdbool.h>
#include <stdint.h>

/* An Ethernet address, in network byte order. */
struct mac {
	uint8_t octet[6];
};

extern const struct mac mac_broadcast;

#define MAC_TEXT 18 /* "52:54:00:12:34:56" and its terminating zero */

/* Parses six pairs of hex digits with colons between them. Returns 0 or -EINVAL. */
int mac_parse(const char *text, struct mac *mac);
const char *mac_format(struct mac mac, char text[MAC_TEXT]);

bool mac_equal(struct mac a, struct mac b);
bool mac_is_zero(struct mac mac);
bool mac_is_multicast(struct mac mac); /* includes broadcast */

#endif

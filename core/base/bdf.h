/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_BDF_H
#define BASE_BDF_H

#include <stdbool.h>
#include <stdint.h>

/* The address of a PCI function: domain, bus, device, function. */
struct bdf {
	uint32_t domain;
	uint8_t bus, device, function;
};

#define BDF_TEXT 17 /* "0000:01:00.0" and a zero; domains of Hyper-V have up to 8 digits */

/* Parses "0000:01:00.0" or "01:00.0" (domain 0). Returns 0 or -EINVAL. */
int bdf_parse(const char *text, struct bdf *bdf);
const char *bdf_format(struct bdf bdf, char text[BDF_TEXT]);

bool bdf_equal(struct bdf a, struct bdf b);
int bdf_compare(struct bdf a, struct bdf b); /* as strcmp(), in the order of the bus */

/* The requester id (routing id) within the domain, and the function that has an id. */
uint16_t bdf_rid(struct bdf bdf);
struct bdf bdf_at_rid(uint32_t domain, uint16_t rid);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUEST_FRAME_H
#define GUEST_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mac.h"

/*
 * Test frames of a guest. They look like those of observe/endpoint.c, so each side counts what the other
 * sends: addresses, tags, ethertype 0x88b5, "vfcert01", the mark as this machine stores it, and then a
 * sequence number in network byte order, and zeroes.
 */
enum {
	FRAME_ETHERTYPE = 0x88b5,
	FRAME_OCTETS_MIN = 60, /* without the checksum */
	FRAME_OCTETS_MAX = 9234,
	FRAME_UNTAGGED = -1,
};

struct frame {
	struct mac to, from;
	int vlan; /* of the outer tag; FRAME_UNTAGGED */
	unsigned priority;
	uint64_t mark;
	uint32_t sequence;
};

/* Writes a frame of OCTETS octets, which are within the limits. */
void frame_build(const struct frame *frame, uint8_t *octets, size_t length);

/* Reads a frame. TCI is the tag that the kernel has removed, or FRAME_UNTAGGED. False: it is no test
 * frame. */
bool frame_parse(const uint8_t *octets, size_t length, int tci, struct frame *frame);

#endif

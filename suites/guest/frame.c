/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/frame.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <string.h>

enum { ADDRESSES = 12, TAG = 4, VLAN_BITS = 0xfff, PRIORITY_SHIFT = 13 };

static const uint8_t label[8] = { 'v', 'f', 'c', 'e', 'r', 't', '0', '1' };

static uint8_t *put(uint8_t *at, const void *data, size_t size)
{
	memcpy(at, data, size);
	return at + size;
}

static uint8_t *put_word(uint8_t *at, unsigned word)
{
	uint16_t ordered = htons((uint16_t)word);

	return put(at, &ordered, sizeof(ordered));
}

void frame_build(const struct frame *frame, uint8_t *octets, size_t length)
{
	uint32_t sequence = htonl(frame->sequence);
	uint8_t *at = octets;

	memset(octets, 0, length);
	at = put(at, frame->to.octet, sizeof(frame->to.octet));
	at = put(at, frame->from.octet, sizeof(frame->from.octet));
	if (frame->vlan != FRAME_UNTAGGED) {
		at = put_word(at, ETHERTYPE_VLAN);
		at = put_word(at, frame->priority << PRIORITY_SHIFT | (unsigned)frame->vlan);
	}
	at = put_word(at, FRAME_ETHERTYPE);
	at = put(at, label, sizeof(label));
	at = put(at, &frame->mark, sizeof(frame->mark));
	put(at, &sequence, sizeof(sequence));
}

static unsigned word_at(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* Inner tags stay in the frame. */
static const uint8_t *skip_tags(const uint8_t *at, const uint8_t *end, int *tci)
{
	while (end - at >= TAG && (word_at(at) == ETHERTYPE_VLAN || word_at(at) == 0x88a8)) {
		if (*tci == FRAME_UNTAGGED)
			*tci = (int)word_at(at + 2);
		at += TAG;
	}
	return at;
}

bool frame_parse(const uint8_t *octets, size_t length, int tci, struct frame *frame)
{
	const uint8_t *at, *end = octets + length;
	uint32_t sequence;

	if (length < ADDRESSES)
		return false;
	at = skip_tags(octets + ADDRESSES, end, &tci);
	if ((size_t)(end - at) < 2 + sizeof(label) + sizeof(frame->mark) + sizeof(sequence) ||
			word_at(at) != FRAME_ETHERTYPE || memcmp(at + 2, label, sizeof(label)) != 0)
		return false;
	*frame = (struct frame){ .vlan = tci == FRAME_UNTAGGED ? tci : tci & VLAN_BITS,
		.priority = tci == FRAME_UNTAGGED ? 0 : (unsigned)tci >> PRIORITY_SHIFT };
	memcpy(frame->to.octet, octets, sizeof(frame->to.octet));
	memcpy(frame->from.octet, octets + 6, sizeof(frame->from.octet));
	at += 2 + sizeof(label);
	memcpy(&frame->mark, at, sizeof(frame->mark));
	memcpy(&sequence, at + sizeof(frame->mark), sizeof(sequence));
	frame->sequence = ntohl(sequence);
	return true;
}

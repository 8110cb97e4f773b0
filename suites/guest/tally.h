/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GUEST_TALLY_H
#define GUEST_TALLY_H

#include "data/record.h"
#include "guest/frame.h"

enum { TALLY_SOURCES = 8, TALLY_TAGS = 8 };

/* What was heard of one mark. Frames from further sources and in further VLANs are counted, but not
 * listed. */
struct tally {
	uint64_t frames;
	uint32_t lowest, highest; /* sequence numbers */
	int64_t first_us, last_us, longest_us;
	uint32_t after_longest; /* the first sequence number after the longest gap */
	struct tally_source {
		struct mac mac;
		uint64_t frames;
	} sources[TALLY_SOURCES];
	struct tally_tag {
		int vlan; /* FRAME_UNTAGGED */
		uint64_t frames;
	} tags[TALLY_TAGS];
	size_t source_count, tag_count;
};

/* NOW_US: clock_us() at its arrival. */
void tally_add(struct tally *tally, const struct frame *frame, int64_t now_us);

/* Puts the members of suites/guest/protocol.md into an answer. */
void tally_report(const struct tally *tally, int64_t now_us, struct record *answer);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/tally.h"

static void count_source(struct tally *tally, struct mac mac)
{
	for (size_t i = 0; i < tally->source_count; i++) {
		if (mac_equal(tally->sources[i].mac, mac)) {
			tally->sources[i].frames++;
			return;
		}
	}
	if (tally->source_count < TALLY_SOURCES)
		tally->sources[tally->source_count++] = (struct tally_source){ mac, 1 };
}

static void count_tag(struct tally *tally, int vlan)
{
	for (size_t i = 0; i < tally->tag_count; i++) {
		if (tally->tags[i].vlan == vlan) {
			tally->tags[i].frames++;
			return;
		}
	}
	if (tally->tag_count < TALLY_TAGS)
		tally->tags[tally->tag_count++] = (struct tally_tag){ vlan, 1 };
}

void tally_add(struct tally *tally, const struct frame *frame, int64_t now_us)
{
	if (!tally->frames) {
		tally->lowest = tally->highest = frame->sequence;
		tally->first_us = now_us;
	} else if (now_us - tally->last_us > tally->longest_us) {
		tally->longest_us = now_us - tally->last_us;
		tally->after_longest = frame->sequence;
	}
	tally->frames++;
	tally->last_us = now_us;
	if (frame->sequence < tally->lowest)
		tally->lowest = frame->sequence;
	if (frame->sequence > tally->highest)
		tally->highest = frame->sequence;
	count_source(tally, frame->from);
	count_tag(tally, frame->vlan);
}

static void report_sources(const struct tally *tally, struct record *answer)
{
	struct record *list = record_array();

	for (size_t i = 0; i < tally->source_count; i++) {
		struct record *item = record_object();
		char text[MAC_TEXT];

		record_put_str(item, "mac", mac_format(tally->sources[i].mac, text));
		record_put_int(item, "frames", (int64_t)tally->sources[i].frames);
		record_add(list, item);
	}
	record_put(answer, "sources", list);
}

static void report_tags(const struct tally *tally, struct record *answer)
{
	struct record *list = record_array();

	for (size_t i = 0; i < tally->tag_count; i++) {
		struct record *item = record_object();

		if (tally->tags[i].vlan == FRAME_UNTAGGED)
			record_put_null(item, "vlan");
		else
			record_put_int(item, "vlan", tally->tags[i].vlan);
		record_put_int(item, "frames", (int64_t)tally->tags[i].frames);
		record_add(list, item);
	}
	record_put(answer, "vlans", list);
}

void tally_report(const struct tally *tally, int64_t now_us, struct record *answer)
{
	uint64_t span = (uint64_t)tally->highest - tally->lowest + 1;

	record_put_int(answer, "frames", (int64_t)tally->frames);
	report_sources(tally, answer);
	report_tags(tally, answer);
	if (!tally->frames)
		return;
	record_put_int(answer, "lowest", tally->lowest);
	record_put_int(answer, "highest", tally->highest);
	record_put_int(answer, "missing",
			span > tally->frames ? (int64_t)(span - tally->frames) : 0);
	record_put_real(answer, "longest_gap_ms", (double)tally->longest_us / 1000);
	record_put_int(answer, "after_gap", tally->after_longest);
	record_put_real(answer, "heard_ms", (double)(tally->last_us - tally->first_us) / 1000);
	record_put_real(answer, "silent_ms", (double)(now_us - tally->last_us) / 1000);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/cleanup.h"
#include "guest/tally.h"
#include "tests/assert.h"

/* Frames of guests, and what is said of those that were heard. */

static const struct frame example = { .to = { { 2, 0, 0, 0, 0, 1 } },
	.from = { { 2, 0, 0, 0, 0, 2 } },
	.vlan = FRAME_UNTAGGED,
	.mark = 0x1122334455667788,
	.sequence = 70000 };

static void assert_frame(const struct frame *a, const struct frame *b)
{
	assert_true(mac_equal(a->to, b->to));
	assert_true(mac_equal(a->from, b->from));
	assert_int_equal(a->vlan, b->vlan);
	assert_int_equal(a->priority, b->priority);
	assert_true(a->mark == b->mark);
	assert_int_equal(a->sequence, b->sequence);
}

static void reads_what_it_writes(void **state)
{
	uint8_t octets[FRAME_OCTETS_MIN];
	struct frame frame, tagged = example;

	(void)state;
	frame_build(&example, octets, sizeof(octets));
	assert_true(frame_parse(octets, sizeof(octets), FRAME_UNTAGGED, &frame));
	assert_frame(&frame, &example);
	tagged.vlan = 42;
	tagged.priority = 5;
	frame_build(&tagged, octets, sizeof(octets));
	assert_true(frame_parse(octets, sizeof(octets), FRAME_UNTAGGED, &frame));
	assert_frame(&frame, &tagged);
}

/* The kernel takes the outer tag out of the frame. */
static void knows_a_tag_that_was_removed(void **state)
{
	uint8_t octets[FRAME_OCTETS_MIN];
	struct frame frame, inner = example;

	(void)state;
	frame_build(&example, octets, sizeof(octets));
	assert_true(frame_parse(octets, sizeof(octets), 3 << 13 | 7, &frame));
	assert_int_equal(frame.vlan, 7);
	assert_int_equal(frame.priority, 3);
	inner.vlan = 9;
	frame_build(&inner, octets, sizeof(octets));
	assert_true(frame_parse(octets, sizeof(octets), 7, &frame));
	assert_int_equal(frame.vlan, 7);
}

static void takes_no_other_frame(void **state)
{
	uint8_t octets[FRAME_OCTETS_MIN];
	struct frame frame;

	(void)state;
	frame_build(&example, octets, sizeof(octets));
	for (size_t length = 0; length < 34; length++)
		assert_false(frame_parse(octets, length, FRAME_UNTAGGED, &frame));
	assert_true(frame_parse(octets, 34, FRAME_UNTAGGED, &frame));
	octets[13] ^= 1;
	assert_false(frame_parse(octets, sizeof(octets), FRAME_UNTAGGED, &frame));
	octets[13] ^= 1;
	octets[20] ^= 1;
	assert_false(frame_parse(octets, sizeof(octets), FRAME_UNTAGGED, &frame));
}

static void add(struct tally *tally, uint32_t sequence, uint8_t from, int vlan, int64_t ms)
{
	struct frame frame = example;

	frame.sequence = sequence;
	frame.from.octet[5] = from;
	frame.vlan = vlan;
	tally_add(tally, &frame, ms * 1000);
}

static void measures_an_outage(void **state)
{
	CLEANUP(cleanup_record) struct record *answer = record_object();
	struct tally tally = { 0 };

	(void)state;
	add(&tally, 10, 2, FRAME_UNTAGGED, 1000);
	add(&tally, 11, 2, FRAME_UNTAGGED, 1010);
	add(&tally, 15, 2, FRAME_UNTAGGED, 1510);
	add(&tally, 16, 2, FRAME_UNTAGGED, 1520);
	tally_report(&tally, 1720 * 1000, answer);
	assert_int_equal(record_int(answer, "frames", 0), 4);
	assert_int_equal(record_int(answer, "lowest", 0), 10);
	assert_int_equal(record_int(answer, "highest", 0), 16);
	assert_int_equal(record_int(answer, "missing", 0), 3);
	assert_true(record_real(answer, "longest_gap_ms", 0) == 500);
	assert_int_equal(record_int(answer, "after_gap", 0), 15);
	assert_true(record_real(answer, "silent_ms", 0) == 200);
}

static void tells_sources_and_vlans_apart(void **state)
{
	CLEANUP(cleanup_record) struct record *answer = record_object();
	struct tally tally = { 0 };
	const struct record *list;

	(void)state;
	for (uint8_t i = 0; i < 20; i++)
		add(&tally, i, i % 10, i % 2 ? 5 : FRAME_UNTAGGED, i);
	tally_report(&tally, 20 * 1000, answer);
	assert_int_equal(record_int(answer, "frames", 0), 20);
	assert_int_equal(record_length(record_get(answer, "sources")), TALLY_SOURCES);
	list = record_get(answer, "vlans");
	assert_int_equal(record_length(list), 2);
	assert_int_equal(record_type(record_get(record_at(list, 0), "vlan")), RECORD_NULL);
	assert_int_equal(record_int(record_at(list, 1), "vlan", 0), 5);
	assert_int_equal(record_int(record_at(list, 1), "frames", 0), 10);
}

static void silence_has_no_numbers(void **state)
{
	CLEANUP(cleanup_record) struct record *answer = record_object();
	struct tally tally = { 0 };

	(void)state;
	tally_report(&tally, 1000, answer);
	assert_int_equal(record_int(answer, "frames", -1), 0);
	assert_null(record_get(answer, "lowest"));
	assert_null(record_get(answer, "longest_gap_ms"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(knows_a_tag_that_was_removed),
		cmocka_unit_test(takes_no_other_frame),
		cmocka_unit_test(measures_an_outage),
		cmocka_unit_test(tells_sources_and_vlans_apart),
		cmocka_unit_test(silence_has_no_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "drivers/registers.h"
#include "tests/assert.h"

/* Registers that keep what is written to them, and a PF that never answers. */

enum { BAR_SIZE = 0x4000, V2PMAILBOX = 0xc40, VMBMEM = 0x800, REQ = 1, DTXSWC = 0x3500 };

static const struct card_registers *card_82576(void)
{
	return card_registers_find(0x8086, 0x10ca);
}

static int setup(void **state)
{
	struct bar *bar = calloc(1, sizeof(*bar));

	if (!bar)
		return -1;
	bar->memory = calloc(1, BAR_SIZE);
	bar->size = BAR_SIZE;
	*state = bar;
	return bar->memory ? 0 : -1;
}

static int teardown(void **state)
{
	struct bar *bar = *state;

	free(bar->memory);
	free(bar);
	return 0;
}

static void posts_a_mac_as_the_datasheet_has_it(void **state)
{
	const struct mailbox_driver *mailbox = card_82576()->mailbox;
	struct mailbox_message message = { MAILBOX_SET_MAC,
		.mac = { { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 } } };
	uint32_t words[MAILBOX_WORDS];
	struct bar *bar = *state;
	unsigned count = mailbox->encode(&message, words);

	assert_int_equal(count, 3);
	mailbox->post(bar, words, count);
	assert_int_equal(bar_read(bar, VMBMEM), 2);
	assert_memory_equal((char *)bar->memory + VMBMEM + 4, message.mac.octet, 6);
	assert_int_equal(bar_read(bar, V2PMAILBOX), REQ);
}

static void reports_a_pf_that_does_not_answer(void **state)
{
	const struct mailbox_driver *mailbox = card_82576()->mailbox;
	enum mailbox_answer answer = MAILBOX_DONE;
	const uint32_t word = 4;
	struct err err = { 0 };

	assert_int_equal(mailbox->call(*state, &word, 1, deadline_in(0), &answer, &err), 0);
	assert_int_equal(answer, MAILBOX_SILENT);
	assert_int_equal(mailbox->reset(*state, deadline_in(0), &err), -ETIMEDOUT);
	assert_says(err.msg, "does not answer");
}

static void names_the_vf_whose_pf_does_not_answer(void **state)
{
	struct vf_queues queues = { .vf = { 0, 1, 16, 0 }, .bar = *(struct bar *)*state };
	struct err err = { 0 };

	assert_int_equal(card_82576()->dma->start(&queues, &err), -ETIMEDOUT);
	assert_says(err.msg, "0000:01:10.0: the PF does not answer");
}

static void reads_the_spoof_bits_of_one_vf(void **state)
{
	struct bar *bar = *state;
	bool mac, vlan;

	bar_write(bar, DTXSWC, 1 << 3 | 1 << (8 + 5));
	card_82576()->spoof_bits(bar, 3, &mac, &vlan);
	assert_true(mac && !vlan);
	card_82576()->spoof_bits(bar, 5, &mac, &vlan);
	assert_true(!mac && vlan);
}

static void fills_a_ring_with_whole_frames(void **state)
{
	uint64_t ring[8] = { 0 };

	(void)state;
	card_82576()->dma->lay_send_ring(ring, 0x123456789000, 60, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(ring[2 * i], 0x123456789000);
		assert_int_equal(ring[2 * i + 1] & 0xffff, 60);
		assert_int_equal(ring[2 * i + 1] >> 46, 60);
	}
	assert_int_equal(ring[4], 0);
}

/* 256 descriptors: the tail wraps to the first. */
static void goes_around_the_ring(void **state)
{
	uint64_t memory[512] = { 0 };
	struct vf_queues queues = { .bar = *(struct bar *)*state,
		.send = { .memory = memory, .tail = 255 } };

	card_82576()->dma->send(&queues, 0x5000, 60, 2);
	assert_int_equal(memory[510], 0x5000);
	assert_int_equal(memory[0], 0x5000);
	assert_int_equal(memory[2], 0);
	assert_int_equal(queues.send.tail, 1);
	assert_int_equal(bar_read(&queues.bar, 0x3818), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				posts_a_mac_as_the_datasheet_has_it, setup, teardown),
		cmocka_unit_test_setup_teardown(reports_a_pf_that_does_not_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(
				names_the_vf_whose_pf_does_not_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_the_spoof_bits_of_one_vf, setup, teardown),
		cmocka_unit_test(fills_a_ring_with_whole_frames),
		cmocka_unit_test_setup_teardown(goes_around_the_ring, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

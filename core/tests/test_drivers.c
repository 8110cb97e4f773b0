/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drivers/drivers.h"

#include "drivers/registers.h"
#include "tests/assert.h"
#include "tests/tree.h"

static void finds_each_driver_by_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; card_drivers[i]; i++) {
		const struct card_driver *driver = card_drivers[i];

		assert_non_null(driver->name);
		assert_true(*driver->name);
		assert_ptr_equal(card_driver_find(driver->name), driver);
		assert_true(driver->reset_detect || driver->link_loss_words ||
				driver->switchdev_refuses);
	}
	assert_null(card_driver_find("no_such_driver"));
	assert_null(card_driver_find(""));
}

static void tells_the_wire_from_a_reset(void **state)
{
	(void)state;
	for (size_t i = 0; card_drivers[i]; i++) {
		const struct link_loss_words *words = card_drivers[i]->link_loss_words;

		if (!words)
			continue;
		assert_true(*words->wire && *words->reset);
		assert_null(strstr(words->wire, words->reset));
		assert_null(strstr(words->reset, words->wire));
	}
}

/* Each mask must have a bit inside the word of the register dump. */
static void detects_a_reset_by_some_bit(void **state)
{
	(void)state;
	for (size_t i = 0; card_drivers[i]; i++) {
		const struct reset_detect *detect = card_drivers[i]->reset_detect;

		assert_true(!detect || detect->bit);
	}
}

static void knows_drivers_that_hand_over(void **state)
{
	static const struct {
		const char *name;
		enum handover handover;
	} drivers[] = { { "vfio-pci", HANDOVER_VFIO }, { "mlx5-vfio-pci", HANDOVER_VFIO },
		{ "hisi_acc_vfio_pci", HANDOVER_VFIO }, { "uio_pci_generic", HANDOVER_UIO },
		{ "igb_uio", HANDOVER_UIO }, { "pci-stub", HANDOVER_STUB },
		{ "igbvf", HANDOVER_NONE }, { "pci-pf-stub", HANDOVER_NONE },
		{ "", HANDOVER_NONE } };

	(void)state;
	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
		assert_int_equal(driver_handover(drivers[i].name), drivers[i].handover);
}

/* An id in two entries would be found only in the first. */
static void finds_each_card_by_its_ids(void **state)
{
	(void)state;
	for (size_t i = 0; card_registers[i]; i++) {
		const struct card_registers *card = card_registers[i];

		assert_non_null(card->card);
		assert_true(card->vendor && card->vf_device && card->pf_devices[0]);
		for (const uint16_t *pf = card->pf_devices; *pf; pf++)
			assert_ptr_equal(card_registers_find(card->vendor, *pf), card);
		assert_ptr_equal(card_registers_find(card->vendor, card->vf_device), card);
		assert_null(card_registers_find(0x1af4, card->vf_device));
	}
	assert_null(card_registers_find(0x8086, 0x1520)); /* a VF of the I350 */
}

static void finds_a_card_on_its_host(void **state)
{
	struct tree *tree = *state;
	const struct card_registers *pf = card_registers_of(tree->host, (struct bdf){ 0, 1, 0, 0 });

	assert_non_null(pf);
	assert_string_equal(pf->card, "82576");
	assert_ptr_equal(card_registers_of(tree->host, (struct bdf){ 0, 1, 16, 0 }), pf);
	assert_null(card_registers_of(tree->host, (struct bdf){ 0, 9, 0, 0 }));
}

static void check_list(const struct vf_register *list, bool written)
{
	unsigned count = 0;

	for (; list && list[count].name; count++) {
		assert_int_equal(list[count].offset % 4, 0);
		/* Otherwise a check could not tell whether 0 or all bits were cleared. */
		if (written)
			assert_true(list[count].value && list[count].value != ~0u);
	}
	assert_true(!list || count);
	assert_true(count <= VF_REGISTERS_LIMIT);
}

static void lists_registers_that_can_be_looked_at(void **state)
{
	(void)state;
	for (size_t i = 0; card_registers[i]; i++) {
		const struct vf_registers *vf = card_registers[i]->vf;

		if (!vf)
			continue;
		check_list(vf->rings, true);
		check_list(vf->write_back, true);
		check_list(vf->buffers, true);
		check_list(vf->mailbox, true);
		check_list(vf->interrupts, true);
		check_list(vf->queues, true);
		check_list(vf->counters, false);
		check_list(vf->status, false);
		check_list(vf->settled, false);
		assert_true(!vf->queues || (vf->queues[1].name && !vf->queues[2].name));
		assert_true(!vf->status || !vf->status[1].name);
	}
}

static void drives_each_mailbox_and_engine_whole(void **state)
{
	(void)state;
	for (size_t i = 0; card_registers[i]; i++) {
		const struct mailbox_driver *mailbox = card_registers[i]->mailbox;
		const struct dma_driver *dma = card_registers[i]->dma;

		if (mailbox) {
			assert_true(mailbox->reset && mailbox->encode && mailbox->call);
			assert_non_null(mailbox->post);
		}
		if (!dma)
			continue;
		assert_true(dma->vectors && dma->start && dma->stop && dma->is_running);
		assert_true(dma->receive && dma->send && dma->write_back && dma->raise);
		assert_true(dma->lay_send_ring && dma->lay_receive_ring);
		assert_true(dma->use_send_ring && dma->use_receive_ring);
	}
}

static void encodes_each_request_differently(void **state)
{
	(void)state;
	for (size_t i = 0; card_registers[i]; i++) {
		const struct mailbox_driver *mailbox = card_registers[i]->mailbox;
		uint32_t first[MAILBOX_UNKNOWN + 1] = { 0 };

		for (int request = 0; mailbox && request <= MAILBOX_UNKNOWN; request++) {
			struct mailbox_message message = { .request = request, .number = 0x7fff };
			uint32_t words[MAILBOX_WORDS];
			unsigned count = mailbox->encode(&message, words);

			assert_in_range(count, 1, MAILBOX_WORDS);
			first[request] = words[0];
			for (int before = 0; before < request; before++)
				assert_int_not_equal(first[before], first[request]);
		}
	}
}

static void tells_drivers_for_vfs_from_those_for_pfs_too(void **state)
{
	static const struct {
		const char *name;
		bool network, only_vfs;
	} drivers[] = { { "iavf", true, true }, { "ixgbevf", true, true },
		{ "mlx5_core", true, false }, { "virtio-pci", true, false },
		{ "c6xxvf", false, true }, { "nvme", false, false }, { "", false, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		assert_int_equal(driver_is_network(drivers[i].name), drivers[i].network);
		assert_int_equal(driver_is_for_vfs(drivers[i].name), drivers[i].only_vfs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_driver_by_its_name),
		cmocka_unit_test(tells_the_wire_from_a_reset),
		cmocka_unit_test(detects_a_reset_by_some_bit),
		cmocka_unit_test(knows_drivers_that_hand_over),
		cmocka_unit_test(tells_drivers_for_vfs_from_those_for_pfs_too),
		cmocka_unit_test(finds_each_card_by_its_ids),
		cmocka_unit_test_setup_teardown(
				finds_a_card_on_its_host, tree_setup, tree_teardown),
		cmocka_unit_test(lists_registers_that_can_be_looked_at),
		cmocka_unit_test(drives_each_mailbox_and_engine_whole),
		cmocka_unit_test(encodes_each_request_differently),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

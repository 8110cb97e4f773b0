/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/fingerprint.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "pci/pcie.h"
#include "tests/assert.h"

static struct space igb;

static int setup(void **state)
{
	struct dump *dump = NULL;
	struct card card = { 0 };
	struct bdf *list = NULL;
	size_t count = 0;

	(void)state;
	if (dump_open(FIXTURES "/dumps/igb.txt", &dump, NULL) < 0 ||
			card_list_dump(dump, &list, &count, NULL) < 0 || !count ||
			card_read_dump(dump, list[0], &card, NULL) < 0)
		return -1;
	igb = card.pf;
	card_free(&card);
	dump_close(dump);
	cleanup_free(&list);
	return igb.length == SPACE_SIZE ? 0 : -1;
}

static bool changes(unsigned offset, uint8_t bits)
{
	char before[DIGEST_TEXT], after[DIGEST_TEXT];
	struct space other = igb;

	other.bytes[offset] ^= bits;
	fingerprint_digest(&igb, before);
	fingerprint_digest(&other, after);
	return strcmp(before, after) != 0;
}

static void what_software_sets_changes_nothing(void **state)
{
	unsigned express = space_capability(&igb, PCIE_CAPABILITY);
	unsigned msi = space_capability(&igb, 0x05), msix = space_capability(&igb, MSIX_CAPABILITY);
	unsigned aer = space_extended(&igb, PCIE_EXT_AER);
	unsigned sriov = space_extended(&igb, PCIE_EXT_SRIOV);
	const struct {
		unsigned offset;
		uint8_t bits;
	} set[] = {
		{ HEADER_COMMAND, 0xff },
		{ HEADER_COMMAND + 1, 0xff },
		{ HEADER_STATUS, 0xef },
		{ HEADER_STATUS + 1, 0xff },
		{ 0x0c, 0xff }, /* cache line size */
		{ HEADER_BARS + 1, 0xff },
		{ HEADER_BARS + 20, 0xff },
		{ HEADER_ROM_BAR, 0xff },
		{ 0x3c, 0xff }, /* interrupt line */
		{ msi + 2, 0x71 },
		{ msi + 4, 0xff },
		{ msi + 8, 0xff },
		{ msix + 3, 0xc0 },
		{ express + 0x08, 0xff }, /* device control */
		{ express + 0x0a, 0xff }, /* device status */
		{ express + 0x10, 0xff }, /* link control */
		{ express + 0x12, 0xff }, /* link status */
		{ aer + 0x04, 0xff },
		{ aer + 0x08, 0xff },
		{ aer + 0x10, 0xff },
		{ aer + 0x1c, 0xff },
		{ sriov + SRIOV_CONTROL, 0xff },
		{ sriov + SRIOV_NUM_VFS, 0xff },
		{ sriov + SRIOV_FIRST_OFFSET, 0xff },
		{ sriov + SRIOV_STRIDE, 0xff },
		{ sriov + SRIOV_SYSTEM_PAGE, 0xff },
		{ sriov + SRIOV_VF_BARS + 2, 0xff },
	};

	(void)state;
	assert_true(msi && msix && express && aer && sriov);
	for (size_t i = 0; i < sizeof(set) / sizeof(*set); i++) {
		if (changes(set[i].offset, set[i].bits))
			fail_msg("a change at %03x changes the digest", set[i].offset);
	}
}

static void what_hardware_fixes_changes_it(void **state)
{
	unsigned sriov = space_extended(&igb, PCIE_EXT_SRIOV);
	const unsigned fixed[] = { 0x00, 0x02, 0x08, 0x0b, 0x0e, 0x2c, 0x2e,
		space_capability(&igb, MSIX_CAPABILITY) + MSIX_TABLE,
		space_capability(&igb, PCIE_CAPABILITY) + PCIE_DEVICE_CAPABILITIES,
		sriov + SRIOV_TOTAL_VFS, sriov + SRIOV_VF_DEVICE, sriov + SRIOV_SUPPORTED_PAGES };

	(void)state;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++) {
		if (!changes(fixed[i], 1))
			fail_msg("a change at %03x changes nothing", fixed[i]);
	}
}

/* Random chains, most of them with loops: the walk terminates and reads nothing outside. */
static void any_content_ends(void **state)
{
	char text[DIGEST_TEXT];
	struct space space = { .length = SPACE_SIZE };
	uint32_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned i = 0; i < SPACE_SIZE; i++) {
			random = random * 1664525 + 1013904223;
			space.bytes[i] = (uint8_t)(random >> 24);
		}
		fingerprint_digest(&space, text);
		assert_int_equal(strlen(text), 64);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_software_sets_changes_nothing),
		cmocka_unit_test(what_hardware_fixes_changes_it),
		cmocka_unit_test(any_content_ends),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/enhanced_allocation.h"
#include "pci/pcie.h"
#include "pci/rules_internal.h"

/* The VF BARs of the PF's SR-IOV capability (9.3.3.14): the memory of all VFs, one after the
 * other. */

enum {
	BAR_IO = 1 << 0,
	BAR_TYPE = 3 << 1,
	BAR_TYPE_64 = 2 << 1,
	BAR_FLAGS = 15,
};

static uint32_t vf_bar(const struct card *card, unsigned at, unsigned number)
{
	return space_long(&card->pf, at + SRIOV_VF_BARS + 4 * number);
}

/* Calls ONE for each BAR that exists; a 64-bit pair counts as one. A register that is 0 may stand
 * for a BAR in Enhanced Allocation. */
static void each_bar(const struct card *card, struct finding *finding,
		void (*one)(const struct card *, unsigned at, unsigned number, uint64_t base,
				struct finding *))
{
	unsigned at = sriov_at(card, finding), count = 0, fixed = 0;

	if (!at)
		return;
	for (unsigned i = 0; i < SPACE_BARS; i++) {
		uint32_t low = vf_bar(card, at, i);
		bool wide = (low & BAR_TYPE) == BAR_TYPE_64;
		uint64_t base = low & ~(uint32_t)BAR_FLAGS;
		struct ea_entry entry = { 0 };

		if (wide && i + 1 < SPACE_BARS)
			base |= (uint64_t)vf_bar(card, at, i + 1) << 32;
		if (!low && !base && ea_find(&card->pf, EA_VF_BAR_0 + i, &entry)) {
			base = entry.base;
			fixed++;
		}
		if (low || base) {
			one(card, at, i, base, finding);
			count++;
		}
		i += wide;
	}
	if (fixed)
		finding_note(finding, "%u, of which %u in Enhanced Allocation", count, fixed);
	else
		finding_note(finding, "all six");
}

static void is_formed(const struct card *card, unsigned at, unsigned number, uint64_t base,
		struct finding *finding)
{
	uint32_t low = vf_bar(card, at, number), type = low & BAR_TYPE;

	(void)base;
	if (low & BAR_IO)
		finding_break(finding, "VF BAR %u is %08x: a BAR for I/O", number, low);
	else if (type && type != BAR_TYPE_64)
		finding_break(finding, "VF BAR %u is %08x: its type is reserved", number, low);
	else if (type && number == SPACE_BARS - 1)
		finding_break(finding, "VF BAR %u is %08x: 64 bits, and no BAR follows", number,
				low);
}

void rule_vf_bars_formed(const struct card *card, struct finding *finding)
{
	each_bar(card, finding, is_formed);
}

/* The largest page size, if several are chosen: an address aligned to it is aligned to the
 * others. */
static uint64_t page_of(const struct card *card, unsigned at)
{
	uint32_t chosen = space_long(&card->pf, at + SRIOV_SYSTEM_PAGE);

	return chosen ? 1ull << (12 + 31 - __builtin_clz(chosen)) : 0;
}

static void is_aligned(const struct card *card, unsigned at, unsigned number, uint64_t base,
		struct finding *finding)
{
	uint64_t page = page_of(card, at);

	if (page && base & (page - 1))
		finding_break(finding, "VF BAR %u begins at %llx, and the page is %llu KiB", number,
				(unsigned long long)base, (unsigned long long)page >> 10);
}

void rule_vf_bars_aligned(const struct card *card, struct finding *finding)
{
	each_bar(card, finding, is_aligned);
}

static void is_sized(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	unsigned at = space_extended(&card->pf, PCIE_EXT_SRIOV);
	uint64_t page = page_of(card, at);

	for (unsigned i = 0; at && page && i < SPACE_BARS; i++) {
		uint64_t size = subject->space->bar_size[i];

		if (size & (page - 1))
			finding_break(finding,
					"%s has %llu bytes in VF BAR %u, and the page is %llu KiB",
					subject->name, (unsigned long long)size, i,
					(unsigned long long)page >> 10);
	}
}

void rule_vf_bars_sized(const struct card *card, struct finding *finding)
{
	if (sriov_at(card, finding) && !card->complete) {
		finding_idle(finding, "a dump does not show the sizes of BARs");
		return;
	}
	card_each(card, THE_VFS, false, is_sized, finding);
}

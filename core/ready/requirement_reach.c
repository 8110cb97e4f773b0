/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "host/config.h"
#include "pci/enhanced_allocation.h"
#include "pci/pcie.h"
#include "ready/readiness_internal.h"

/* Whether VFs can be reached: by routing ids, and at addresses. */

enum {
	FIRST_VF_RESOURCE = 7,    /* line of the file "resource", after 6 BARs and the ROM */
	RESOURCE_UNSET = 1 << 29, /* the kernel's IORESOURCE_UNSET: no address assigned */
	RESOURCE_64_BIT = 1 << 20,
	BAR_64_BIT = 4, /* memory type, in the lowest three bits of the register */
};

/* Where the VFs are; both are unused while NumVFs is 0 (PCIe 6.0, 9.3.3.9, 9.3.3.10). */
struct placement {
	unsigned offset, stride;
	bool known;
};

static struct placement placement_of(const struct checked_card *card)
{
	struct placement placement = { 0 };

	if (!card->sriov)
		return placement;
	placement.offset = space_word(&card->space, card->sriov + SRIOV_FIRST_OFFSET);
	placement.stride = space_word(&card->space, card->sriov + SRIOV_STRIDE);
	placement.known = placement.offset && (placement.stride || card->pf.total_vfs == 1);
	return placement;
}

/* A port without ARI forwards on its secondary bus only to the card's own device number; on the
 * buses after it, to each. */
static bool needs_ari(const struct checked_card *card, const struct placement *placement)
{
	struct bdf pf = card->pf.function.bdf;

	for (unsigned i = 0; i < card->pf.total_vfs; i++) {
		unsigned id = bdf_rid(pf) + placement->offset + i * placement->stride;

		if (id >> 8 == pf.bus && (id >> 3 & 31) != pf.device)
			return true;
	}
	return false;
}

void check_ari(struct checked_card *card)
{
	struct placement placement = placement_of(card);
	char bdf[BDF_TEXT];

	if (!card->pf.below_port)
		requirement_of_card(card, "ari", REQUIREMENT_MET, NULL,
				"not needed: no port is above the card");
	else if (card->space.length < SPACE_SIZE)
		requirement_unread(card, "ari", card->space.length);
	else if (!card->pf.ari_known)
		requirement_of_card(card, "ari", REQUIREMENT_UNKNOWN, "Run as root",
				"config space of %s, the port above, cannot be read",
				bdf_format(card->port.bdf, bdf));
	else if (card->pf.ari_enabled)
		requirement_of_card(card, "ari", REQUIREMENT_MET, NULL, "on");
	else if (placement.known && !needs_ari(card, &placement))
		requirement_of_card(card, "ari", REQUIREMENT_MET, NULL,
				"not needed: no VF has an address that only ARI reaches");
	else if (!card->pf.ari_capable)
		requirement_of_card(card, "ari", REQUIREMENT_WEAK,
				"Nothing, unless the card's manual says otherwise",
				"the card has no ARI: its VFs take whole device numbers or further "
				"buses");
	else
		requirement_of_card(card, "ari", REQUIREMENT_WEAK,
				"Use a slot whose port forwards ARI, switch ARI on in the "
				"firmware's setup, and remove pci=noari from the kernel's command "
				"line",
				"the port above does not forward ARI: fewer VFs may be reachable");
}

/* A VF on a bus above the subordinate bus of the port is unreachable. */
void check_buses(struct checked_card *card)
{
	struct placement placement = placement_of(card);
	unsigned last, subordinate;

	if (!card->pf.below_port)
		return;
	if (card->space.length < SPACE_SIZE || !card->port.length) {
		requirement_unread(card, "bus-numbers", card->port.length ? card->space.length : 0);
		return;
	}
	if (!card->sriov)
		return;
	if (!placement.known) {
		requirement_of_card(card, "bus-numbers", REQUIREMENT_UNKNOWN,
				"Check again while VFs are enabled",
				"First VF Offset is %u and VF Stride %u: the card does not say yet "
				"where its VFs are",
				placement.offset, placement.stride);
		return;
	}
	last = (bdf_rid(card->pf.function.bdf) + placement.offset +
			       (card->pf.total_vfs - 1) * placement.stride) >>
			8;
	subordinate = space_byte(&card->port, HEADER_SUBORDINATE_BUS);
	if (last <= subordinate)
		requirement_of_card(card, "bus-numbers", REQUIREMENT_MET, NULL,
				"enough for %u VF%s", card->pf.total_vfs,
				text_plural(card->pf.total_vfs));
	else
		requirement_of_card(card, "bus-numbers", REQUIREMENT_WEAK,
				"Add pci=assign-busses to the kernel's command line, or switch "
				"SR-IOV on in the firmware's setup",
				"the last VF needs bus %02x, and the port above ends at %02x", last,
				subordinate);
}

/* A VF BAR: the address from the kernel, and the register in the capability. Even without an
 * address the register is not 0, unless the BAR is 32-bit and not prefetchable, or in Enhanced
 * Allocation. */
struct vf_bar {
	unsigned long long start, flags;
	uint32_t reg;
};

static int read_bars(const struct checked_card *card, struct vf_bar bars[SPACE_BARS])
{
	unsigned long long end;
	char text[2048], *line, *rest = text;
	int rc = function_read(
			card->host, card->pf.function.bdf, "resource", text, sizeof(text), NULL);

	if (rc < 0)
		return rc;
	for (unsigned bar = 0; card->sriov && bar < SPACE_BARS; bar++)
		bars[bar].reg = space_long(&card->space, card->sriov + SRIOV_VF_BARS + 4 * bar);
	for (unsigned number = 0; (line = strsep(&rest, "\n")); number++) {
		unsigned bar = number - FIRST_VF_RESOURCE;

		if (number < FIRST_VF_RESOURCE || bar >= SPACE_BARS)
			continue;
		if (sscanf(line, "%llx %llx %llx", &bars[bar].start, &end, &bars[bar].flags) != 3)
			return -EPROTO;
	}
	return 0;
}

struct bar_count {
	unsigned given, lacking, fixed; /* FIXED of those that are given, by Enhanced Allocation */
};

static struct bar_count count_bars(
		const struct checked_card *card, const struct vf_bar bars[SPACE_BARS])
{
	struct bar_count count = { 0 };

	for (unsigned i = 0; i < SPACE_BARS; i++) {
		struct ea_entry entry;
		bool fixed = !bars[i].reg && ea_find(&card->space, EA_VF_BAR_0 + i, &entry);

		count.fixed += fixed;
		if (fixed || (bars[i].start && !(bars[i].flags & RESOURCE_UNSET)))
			count.given++;
		else if (bars[i].flags || bars[i].reg)
			count.lacking++;
		/* The next register of a 64-bit BAR is its upper half. */
		i += !fixed && (bars[i].flags & RESOURCE_64_BIT || (bars[i].reg & 7) == BAR_64_BIT);
	}
	return count;
}

void check_bars(struct checked_card *card)
{
	struct vf_bar bars[SPACE_BARS] = { 0 };
	struct bar_count count;

	if (card->space.length < SPACE_SIZE) {
		requirement_unread(card, "vf-bars", card->space.length);
		return;
	}
	if (read_bars(card, bars) < 0) {
		requirement_of_card(card, "vf-bars", REQUIREMENT_UNKNOWN,
				"Check on the running machine", "the file resource cannot be read");
		return;
	}
	count = count_bars(card, bars);
	if (!count.lacking && count.given)
		requirement_of_card(card, "vf-bars", REQUIREMENT_MET, NULL, "%u assigned%s",
				count.given,
				count.fixed ? ", by the card itself (Enhanced Allocation)" : "");
	else if (!count.lacking)
		requirement_of_card(card, "vf-bars", REQUIREMENT_MISSING,
				"Look for new firmware of the card, and in the kernel log",
				"the card shows no VF BAR: its VFs would have no memory");
	else
		requirement_of_card(card, "vf-bars", REQUIREMENT_MISSING,
				"Switch SR-IOV and addressing above 4 GB on in the firmware's "
				"setup, or add pci=realloc to the kernel's command line",
				"%u of %u %s no address: enabling VFs will fail for lack of memory "
				"space",
				count.lacking, count.lacking + count.given,
				count.lacking == 1 ? "has" : "have");
}

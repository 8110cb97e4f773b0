/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/text.h"
#include "pci/ari.h"
#include "pci/pcie.h"
#include "pci/rules_internal.h"

/* The SR-IOV capability of the PF (9.3.3), and the addresses that follow from it (9.2.1.2). */

enum {
	CAPABILITY_VERSION = 1,
	MANDATORY_PAGES = 0x553, /* 4K, 8K, 64K, 256K, 1M, 4M in units of 4K */
	FUNCTIONS_WITHOUT_ARI = 8,
};

static void has_no_sriov(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	unsigned at = space_extended(subject->space, PCIE_EXT_SRIOV);

	(void)card;
	if (at)
		finding_break(finding, "%s has an SR-IOV capability at %03x", subject->name, at);
}

void rule_capability_once(const struct card *card, struct finding *finding)
{
	unsigned at = 256, count = 0, version = CAPABILITY_VERSION;

	if (card->pf.length < SPACE_SIZE) {
		finding_unread(finding, card, &card->pf, "the PF");
		return;
	}
	for (unsigned steps = 0; at >= 256 && steps < EXTENDED_ROOM; steps++) {
		uint32_t header = space_long(&card->pf, at);

		if (!header || header == ~0u)
			break;
		if ((header & 0xffff) == PCIE_EXT_SRIOV && !count++)
			version = header >> 16 & 15;
		at = header >> 20 & ~3u;
	}
	if (count != 1)
		finding_break(finding, "the PF has %u SR-IOV capabilities", count);
	if (version != CAPABILITY_VERSION)
		finding_break(finding, "the PF's SR-IOV capability has version %u", version);
	finding_note(finding, "one, version %u", version);
	if (card_vfs_read(card, SPACE_SIZE))
		card_each(card, THE_VFS, true, has_no_sriov, finding);
}

void rule_initial_vfs(const struct card *card, struct finding *finding)
{
	unsigned at = sriov_at(card, finding);
	unsigned initial = space_word(&card->pf, at + SRIOV_INITIAL_VFS);
	unsigned total = space_word(&card->pf, at + SRIOV_TOTAL_VFS);

	if (!at)
		return;
	finding_note(finding, "InitialVFs %u, TotalVFs %u", initial, total);
	if (initial > total ||
			(initial != total &&
					!(space_long(&card->pf, at + SRIOV_CAPABILITIES) &
							SRIOV_MIGRATION_CAPABLE)))
		finding_break(finding, "InitialVFs is %u and TotalVFs %u", initial, total);
}

void rule_num_vfs(const struct card *card, struct finding *finding)
{
	unsigned at = sriov_at(card, finding);
	unsigned number = space_word(&card->pf, at + SRIOV_NUM_VFS);
	unsigned total = space_word(&card->pf, at + SRIOV_TOTAL_VFS);

	if (!at)
		return;
	finding_note(finding, "%u of %u", number, total);
	if (number > total)
		finding_break(finding, "NumVFs is %u and TotalVFs %u", number, total);
}

void rule_offset_stride(const struct card *card, struct finding *finding)
{
	unsigned at = sriov_at(card, finding);
	unsigned number = space_word(&card->pf, at + SRIOV_NUM_VFS);
	unsigned offset = space_word(&card->pf, at + SRIOV_FIRST_OFFSET);
	unsigned stride = space_word(&card->pf, at + SRIOV_STRIDE);

	if (!at)
		return;
	if (!number) {
		finding_idle(finding, "NumVFs is 0");
		return;
	}
	finding_note(finding, "offset %u, stride %u", offset, stride);
	if (!offset)
		finding_break(finding, "First VF Offset is 0 with NumVFs %u", number);
	if (!stride && number > 1)
		finding_break(finding, "VF Stride is 0 with NumVFs %u", number);
}

static bool wants_vfs(const struct card *card, struct finding *finding)
{
	if (sriov_at(card, finding) && !card->vf_count)
		finding_idle(finding, "no VF is enabled");
	return sriov_at(card, finding) && card->vf_count;
}

void rule_vfs_on_bus(const struct card *card, struct finding *finding)
{
	unsigned last = card->port.length ? space_byte(&card->port, HEADER_SUBORDINATE_BUS) : 255;
	char text[BDF_TEXT];
	struct bdf vf;

	if (!wants_vfs(card, finding))
		return;
	for (unsigned i = 0; i < card->vf_count; i++) {
		if (!card_vf_at(card, i, &vf))
			finding_break(finding, "VF %u is beyond the last bus", i);
		else if (vf.bus > last)
			finding_break(finding, "VF %u is at %s, and the port's last bus is %02x", i,
					bdf_format(vf, text), last);
	}
	finding_note(finding, "%zu VF%s up to %s, last bus %02x", card->vf_count,
			text_plural(card->vf_count), bdf_format(vf, text), last);
}

void rule_vfs_distinct(const struct card *card, struct finding *finding)
{
	char text[BDF_TEXT];
	struct bdf vf, other;

	if (!wants_vfs(card, finding))
		return;
	for (unsigned i = 0; i < card->vf_count; i++) {
		if (!card_vf_at(card, i, &vf))
			continue;
		bdf_format(vf, text);
		if (bdf_equal(vf, card->pf.bdf))
			finding_break(finding, "VF %u is at %s, the address of the PF", i, text);
		/* All VFs are one stride apart, so comparing neighbours is enough. */
		if (i && card_vf_at(card, i - 1, &other) && bdf_equal(vf, other))
			finding_break(finding, "VF %u and VF %u are both at %s", i - 1, i, text);
		for (size_t s = 0; s < card->sibling_count; s++) {
			if (bdf_equal(vf, card->siblings[s].bdf))
				finding_break(finding, "VF %u is at %s, where another function is",
						i, text);
		}
	}
	finding_note(finding, "%zu VF%s", card->vf_count, text_plural(card->vf_count));
}

void rule_vfs_present(const struct card *card, struct finding *finding)
{
	char text[BDF_TEXT];

	if (!wants_vfs(card, finding))
		return;
	if (!card->complete) {
		finding_idle(finding, "a dump may leave functions out");
		return;
	}
	for (unsigned i = 0; i < card->vf_count; i++) {
		if (!card->vfs[i].length || space_byte(&card->vfs[i], HEADER_TYPE) == 0xff)
			finding_break(finding, "VF %u does not answer at %s", i,
					bdf_format(card->vfs[i].bdf, text));
	}
	finding_note(finding, "%zu VF%s", card->vf_count,
			card->vf_count == 1 ? " answers" : "s answer");
}

/* Records why the reach of ARI is unknown, if it is. */
static bool reach_is_unknown(const struct card *card, enum ari_state ari, unsigned number,
		struct finding *finding)
{
	if (card->port.length && card->port.length < 256)
		finding_unread(finding, card, &card->port, "the port");
	else if (!card->port.length)
		finding_idle(finding,
				card->complete ? "there is no port above the PF"
					       : "no port above the PF is in the dump");
	else if (!number)
		finding_idle(finding, "NumVFs is 0");
	else if (ari == ARI_UNKNOWN)
		finding_idle(finding,
				"the device's lowest-numbered PF, which has ARI Capable Hierarchy, "
				"is not in the dump");
	return finding->state == RULE_IDLE;
}

/* On its secondary bus a port without ARI forwards only to device 0; it forwards everything for
 * the buses after it to the device. */
void rule_ari_reach(const struct card *card, struct finding *finding)
{
	unsigned at = sriov_at(card, finding);
	unsigned number = space_word(&card->pf, at + SRIOV_NUM_VFS);
	unsigned express = space_capability(&card->port, PCIE_CAPABILITY);
	enum ari_state ari = ari_of_card(card);
	bool forwards = space_word(&card->port, express + PCIE_DEVICE_CONTROL_2) &
			PCIE_ARI_FORWARDING;
	char text[BDF_TEXT];
	struct bdf vf;

	if (!at || reach_is_unknown(card, ari, number, finding))
		return;
	for (unsigned i = 0; i < number && card_vf_at(card, i, &vf); i++) {
		bdf_format(vf, text);
		if (vf.bus != card->pf.bdf.bus || vf.device == card->pf.bdf.device)
			continue;
		if (ari == ARI_OFF)
			finding_break(finding, "VF %u is at %s with ARI Capable Hierarchy clear", i,
					text);
		if (!forwards)
			finding_break(finding, "VF %u is at %s, and the port does not forward ARI",
					i, text);
	}
	finding_note(finding, "%u VF%s, ARI %s", number, text_plural(number),
			ari == ARI_ON && forwards ? "on" : "off");
}

static const struct space *function_at(const struct card *card, unsigned link)
{
	struct bdf bdf = card->pf.bdf;

	/* With ARI the function number has 8 bits and includes those of the device number. */
	if (link < FUNCTIONS_WITHOUT_ARI)
		bdf.function = (uint8_t)link;
	else
		bdf = bdf_at_rid(bdf.domain, (uint16_t)(bdf.bus << 8 | link));
	if (bdf_equal(bdf, card->pf.bdf))
		return &card->pf;
	for (size_t i = 0; i < card->sibling_count; i++) {
		if (bdf_equal(bdf, card->siblings[i].bdf))
			return &card->siblings[i];
	}
	return NULL;
}

void rule_dependency_link(const struct card *card, struct finding *finding)
{
	unsigned at = sriov_at(card, finding);
	const struct space *here = &card->pf;

	if (!at)
		return;
	for (size_t steps = 0; steps <= card->sibling_count; steps++) {
		unsigned link = space_byte(here, at + SRIOV_DEPENDENCY_LINK);

		here = function_at(card, link);
		at = here ? space_extended(here, PCIE_EXT_SRIOV) : 0;
		if (!here && !card->complete) {
			finding_idle(finding, "the next PF is not in the dump");
			return;
		}
		if (!here) {
			finding_break(finding, "it leads to function %u, which is not there", link);
			return;
		}
		if (!at) {
			finding_break(finding, "it leads to function %u, which is no PF", link);
			return;
		}
		if (here == &card->pf) {
			finding_note(finding, "back to the PF in %zu step%s", steps + 1,
					text_plural(steps + 1));
			return;
		}
	}
	finding_break(finding, "it does not lead back to the PF");
}

void rule_vf_device_id(const struct card *card, struct finding *finding)
{
	unsigned at = sriov_at(card, finding), id = space_word(&card->pf, at + SRIOV_VF_DEVICE);

	if (!at)
		return;
	finding_note(finding, "%04x", id);
	if (!id || id == 0xffff)
		finding_break(finding, "VF Device ID is %04x", id);
}

void rule_page_sizes(const struct card *card, struct finding *finding)
{
	unsigned at = sriov_at(card, finding);
	uint32_t supported = space_long(&card->pf, at + SRIOV_SUPPORTED_PAGES);

	if (!at)
		return;
	finding_note(finding, "%x", supported);
	if ((supported & MANDATORY_PAGES) != MANDATORY_PAGES)
		finding_break(finding, "Supported Page Sizes is %x, and %x is missing", supported,
				MANDATORY_PAGES & ~supported);
}

void rule_system_page(const struct card *card, struct finding *finding)
{
	unsigned at = sriov_at(card, finding);
	uint32_t supported = space_long(&card->pf, at + SRIOV_SUPPORTED_PAGES);
	uint32_t chosen = space_long(&card->pf, at + SRIOV_SYSTEM_PAGE);

	if (!at)
		return;
	finding_note(finding, "%x of %x", chosen, supported);
	if (!chosen || chosen & (chosen - 1))
		finding_break(finding, "System Page Size is %x, not one bit", chosen);
	else if (!(chosen & supported))
		finding_break(finding, "System Page Size is %x, of which %x are supported", chosen,
				supported);
}

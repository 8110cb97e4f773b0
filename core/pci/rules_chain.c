/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "pci/pcie.h"
#include "pci/rules_internal.h"

/* The two chains of capabilities of a function. Each walk marks the offsets that it has seen:
 * one that comes again is a loop. */

static void walk_chain(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	const struct space *space = subject->space;
	unsigned at = space_byte(space, HEADER_CAPABILITIES);
	bool seen[256] = { false };

	(void)card;
	if (!(space_word(space, HEADER_STATUS) & HEADER_STATUS_CAPABILITIES)) {
		finding_break(finding, "%s says that it has no capabilities", subject->name);
		return;
	}
	while (at) {
		if (at & 3 || at < 64) {
			finding_break(finding, "%s has a capability pointer %02x", subject->name,
					at);
			return;
		}
		if (seen[at]) {
			finding_break(finding, "%s has a loop of capabilities through %02x",
					subject->name, at);
			return;
		}
		seen[at] = true;
		if (space_byte(space, at) == 0xff) {
			finding_break(finding,
					"%s has no capability at %02x, where its chain leads",
					subject->name, at);
			return;
		}
		at = space_byte(space, at + 1);
	}
}

void rule_chain(const struct card *card, struct finding *finding)
{
	card_each(card, EACH, false, walk_chain, finding);
}

static void walk_extended(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	bool seen[SPACE_SIZE] = { false };
	unsigned at = 256;

	(void)card;
	while (at) {
		uint32_t header = space_long(subject->space, at);

		if (at & 3 || at < 256) {
			finding_break(finding, "%s has an extended capability pointer %03x",
					subject->name, at);
			return;
		}
		if (seen[at]) {
			finding_break(finding,
					"%s has a loop of extended capabilities through %03x",
					subject->name, at);
			return;
		}
		seen[at] = true;
		if (header == ~0u || (!header && at != 256)) {
			finding_break(finding,
					"%s has no extended capability at %03x, where its chain "
					"leads",
					subject->name, at);
			return;
		}
		at = header >> 20;
	}
}

void rule_extended_chain(const struct card *card, struct finding *finding)
{
	card_each(card, EACH, true, walk_extended, finding);
}

/* Capabilities that a function has at most once. There may be several vendor-specific ones. */
static bool is_single(unsigned id)
{
	static const uint8_t single[] = { 0x01, 0x05, 0x10, 0x11 }; /* PM, MSI, Express, MSI-X */

	return memchr(single, (int)id, sizeof(single)) != NULL;
}

static bool is_single_extended(unsigned id)
{
	/* AER, serial number, power budget, ACS, ARI, ATS, SR-IOV, resizable BAR, TPH, LTR, PASID,
	 * DPC, L1 substates, PTM */
	static const uint8_t single[] = { 0x01, 0x03, 0x04, 0x0d, 0x0e, 0x0f, 0x10, 0x15, 0x17,
		0x18, 0x1b, 0x1d, 0x1e, 0x1f };

	return id < 256 && memchr(single, (int)id, sizeof(single)) != NULL;
}

static void has_ids_once(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	const struct space *space = subject->space;
	bool seen[256] = { false };
	unsigned at = space_byte(space, HEADER_CAPABILITIES) & ~3u;

	(void)card;
	for (unsigned steps = 0; at >= 64 && steps < CAPABILITY_ROOM; steps++) {
		unsigned id = space_byte(space, at);

		if (is_single(id) && seen[id])
			finding_break(finding, "%s has the capability %02x twice", subject->name,
					id);
		seen[id] = true;
		at = space_byte(space, at + 1) & ~3u;
	}
	memset(seen, 0, sizeof(seen));
	at = 256;
	for (unsigned steps = 0; at >= 256 && at < space->length && steps < EXTENDED_ROOM;
			steps++) {
		uint32_t header = space_long(space, at);
		unsigned id = header & 0xffff;

		if (!header || header == ~0u)
			break;
		if (is_single_extended(id) && seen[id])
			finding_break(finding, "%s has the extended capability %04x twice",
					subject->name, id);
		seen[id & 255] = true;
		at = header >> 20 & ~3u;
	}
}

void rule_ids_once(const struct card *card, struct finding *finding)
{
	card_each(card, EACH, false, has_ids_once, finding);
}

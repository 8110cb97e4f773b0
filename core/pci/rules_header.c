/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/pcie.h"
#include "pci/rules_internal.h"

/* The headers of PF and VFs (9.3.4.1). Most of a VF's header is fixed to 0: the PF has the
 * values. */

enum { BUS_MASTER = 1 << 2, SUBSYSTEM_VENDOR = 0x2c, CLASS_AND_REVISION = 0x08 };

static unsigned port_type(const struct space *space)
{
	unsigned at = space_capability(space, PCIE_CAPABILITY);

	return at ? PCIE_PORT_TYPE(space_word(space, at + PCIE_FLAGS)) : 16;
}

static void is_endpoint(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	unsigned header = space_byte(subject->space, HEADER_TYPE);
	unsigned type = port_type(subject->space);

	/* The bit above the type marks a multi-function device: never set in a VF. */
	if (subject->space == &card->pf ? header & 0x7f : header)
		finding_break(finding, "%s has header type %02x", subject->name, header);
	if (type != PCIE_ENDPOINT && type != PCIE_INTEGRATED_ENDPOINT)
		finding_break(finding, "%s is no endpoint of PCI Express, but of type %u",
				subject->name, type);
}

void rule_header_types(const struct card *card, struct finding *finding)
{
	card_each(card, THE_PF | THE_VFS, false, is_endpoint, finding);
}

static void has_no_ids(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	uint32_t ids = space_long(subject->space, 0);

	(void)card;
	if (ids != ~0u)
		finding_break(finding, "%s has the ids %04x:%04x", subject->name, ids & 0xffff,
				ids >> 16);
}

void rule_vf_ids(const struct card *card, struct finding *finding)
{
	card_each(card, THE_VFS, false, has_no_ids, finding);
}

static void is_of_the_class(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	uint32_t class_code = space_long(subject->space, CLASS_AND_REVISION) >> 8;
	uint32_t of_pf = space_long(&card->pf, CLASS_AND_REVISION) >> 8;
	unsigned vendor = space_word(subject->space, SUBSYSTEM_VENDOR);

	if (class_code != of_pf)
		finding_break(finding, "%s has class %06x, its PF %06x", subject->name, class_code,
				of_pf);
	if (vendor != space_word(&card->pf, SUBSYSTEM_VENDOR))
		finding_break(finding, "%s has subsystem vendor %04x, its PF %04x", subject->name,
				vendor, space_word(&card->pf, SUBSYSTEM_VENDOR));
}

void rule_vf_class(const struct card *card, struct finding *finding)
{
	card_each(card, THE_VFS, false, is_of_the_class, finding);
}

static void has_plain_command(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	unsigned command = space_word(subject->space, HEADER_COMMAND);

	(void)card;
	if (command & ~(unsigned)BUS_MASTER)
		finding_break(finding, "COMMAND of %s is %04x", subject->name, command);
}

void rule_vf_command(const struct card *card, struct finding *finding)
{
	card_each(card, THE_VFS, false, has_plain_command, finding);
}

static void has_no_pin(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	unsigned pin = space_byte(subject->space, HEADER_INTERRUPT_PIN);

	(void)card;
	if (pin)
		finding_break(finding, "%s has interrupt pin %u", subject->name, pin);
}

void rule_vf_no_intx(const struct card *card, struct finding *finding)
{
	card_each(card, THE_VFS, false, has_no_pin, finding);
}

static void has_no_bars(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	(void)card;
	for (unsigned i = 0; i < SPACE_BARS; i++) {
		uint32_t bar = space_long(subject->space, HEADER_BARS + 4 * i);

		if (bar)
			finding_break(finding, "BAR %u of %s reads %08x", i, subject->name, bar);
	}
}

void rule_vf_bars_zero(const struct card *card, struct finding *finding)
{
	card_each(card, THE_VFS, false, has_no_bars, finding);
}

static void has_no_rom(
		const struct card *card, const struct subject *subject, struct finding *finding)
{
	uint32_t bar = space_long(subject->space, HEADER_ROM_BAR);

	(void)card;
	if (bar)
		finding_break(finding, "the expansion ROM BAR of %s reads %08x", subject->name,
				bar);
}

void rule_vf_rom_zero(const struct card *card, struct finding *finding)
{
	card_each(card, THE_VFS, false, has_no_rom, finding);
}

static void has_flr(const struct card *card, const struct subject *subject, struct finding *finding)
{
	unsigned at = space_capability(subject->space, PCIE_CAPABILITY);

	(void)card;
	if (!at || !(space_long(subject->space, at + PCIE_DEVICE_CAPABILITIES) & PCIE_FLR_CAPABLE))
		finding_break(finding, "%s has no function-level reset", subject->name);
}

void rule_pf_flr(const struct card *card, struct finding *finding)
{
	card_each(card, THE_PF, false, has_flr, finding);
}

void rule_vf_flr(const struct card *card, struct finding *finding)
{
	card_each(card, THE_VFS, false, has_flr, finding);
}

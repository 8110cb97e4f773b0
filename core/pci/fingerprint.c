/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/fingerprint.h"

#include <stdio.h>

#include "pci/pcie.h"

/* A register, or those of its bits, that hardware fixes. OFFSET is from the start of the
 * capability; the register is a long if MASK has more than 16 bits. */
struct fixed {
	unsigned offset;
	uint32_t mask;
};

#define FIXED(...)                    \
	(const struct fixed[])        \
	{                             \
		__VA_ARGS__,          \
		{                     \
			0             \
		} /* ends the list */ \
	}

#define WORD 0xffffu
#define LONG 0xffffffffu

/* PCI Express Base Specification 6.0; each line gives its clause. */
static const struct {
	uint16_t id;
	bool extended;
	const struct fixed *registers;
} known[] = {
	{ 0x01, false, FIXED({ 0x02, WORD }) },   /* power management, 7.5.2 */
	{ 0x05, false, FIXED({ 0x02, 0x018e }) }, /* MSI: count, 64 bits, masks, 7.7.1 */
	{ MSIX_CAPABILITY, false,                 /* MSI-X: size and places, 7.7.2 */
			FIXED({ MSIX_CONTROL, 0x07ff }, { MSIX_TABLE, LONG }, { MSIX_PBA, LONG }) },
	{ PCIE_CAPABILITY, false, /* device and link capabilities, 7.5.3 */
			FIXED({ PCIE_FLAGS, WORD }, { PCIE_DEVICE_CAPABILITIES, LONG },
					{ 0x0c, LONG }, { PCIE_DEVICE_CAPABILITIES_2, LONG },
					{ 0x2c, LONG }) },
	{ PCIE_EXT_AER, true, FIXED({ 0x18, 0x02a0 }) }, /* what it supports, 7.8.4.7 */
	{ PCIE_EXT_ACS, true, FIXED({ ACS_CAPABILITY, WORD }) },
	{ 0x0f, true, FIXED({ 0x04, WORD }) }, /* ATS, 10.5.1 */
	{ PCIE_EXT_SRIOV, true,                /* 9.3.3 */
			FIXED({ SRIOV_CAPABILITIES, LONG }, { SRIOV_TOTAL_VFS, WORD },
					{ SRIOV_DEPENDENCY_LINK, 0xff }, { SRIOV_VF_DEVICE, WORD },
					{ SRIOV_SUPPORTED_PAGES, LONG }, { SRIOV_VF_BARS, 0xf },
					{ SRIOV_VF_BARS + 4, 0xf }, { SRIOV_VF_BARS + 8, 0xf },
					{ SRIOV_VF_BARS + 12, 0xf }, { SRIOV_VF_BARS + 16, 0xf },
					{ SRIOV_VF_BARS + 20, 0xf }) },
	{ 0x17, true, FIXED({ 0x04, LONG }) }, /* TPH, 7.9.13 */
	{ 0x1b, true, FIXED({ 0x04, WORD }) }, /* PASID, 7.8.9 */
};

static const struct fixed header[] = { { 0x00, LONG }, { 0x08, LONG }, { 0x0c, 0x00ff0000 },
	{ 0x2c, LONG }, { HEADER_INTERRUPT_PIN, 0xff }, { 0 } };

static void add_registers(struct digest *digest, const struct space *space, unsigned at,
		const struct fixed *registers)
{
	char line[64];

	for (; registers->mask; registers++) {
		unsigned offset = at + registers->offset;
		uint32_t value = registers->mask > WORD ? space_long(space, offset)
							: space_word(space, offset);

		snprintf(line, sizeof(line), "register %03x: %08x", offset,
				value & registers->mask);
		digest_add_str(digest, line);
	}
}

static void add_capability(struct digest *digest, const struct space *space, unsigned at,
		uint16_t id, bool extended)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (known[i].id == id && known[i].extended == extended)
			add_registers(digest, space, at, known[i].registers);
	}
}

/* Both walks are bounded: the chain of a card may contain a loop. */
void fingerprint_digest(const struct space *space, char text[DIGEST_TEXT])
{
	struct digest *digest = digest_begin();
	unsigned at = space_byte(space, HEADER_CAPABILITIES) & ~3u;
	char line[64];

	add_registers(digest, space, 0, header);
	for (unsigned step = 0; at >= 0x40 && step < CAPABILITY_ROOM; step++) {
		unsigned id = space_byte(space, at);

		snprintf(line, sizeof(line), "capability %02x at %02x", id, at);
		digest_add_str(digest, line);
		add_capability(digest, space, at, (uint16_t)id, false);
		at = space_byte(space, at + 1) & ~3u;
	}
	at = 0x100;
	for (unsigned step = 0; at >= 0x100 && step < EXTENDED_ROOM; step++) {
		uint32_t first = space_long(space, at);

		if (!first || first == LONG)
			break;
		snprintf(line, sizeof(line), "extended %05x at %03x", first & 0xfffff, at);
		digest_add_str(digest, line);
		add_capability(digest, space, at, (uint16_t)first, true);
		at = first >> 20 & ~3u;
	}
	digest_end(digest, text);
}

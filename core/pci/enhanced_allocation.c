/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pci/enhanced_allocation.h"

#include "pci/pcie.h"

enum {
	HEADER_ROOM = 4, /* of the capability; 8 for a bridge, which has no VFs */
	ENTRIES = 0x02,
	ENTRIES_MASK = 0x3f,

	/* of the first double word of an entry */
	SIZE_MASK = 7, /* double words after it */
	INDICATOR_SHIFT = 4,
	PRIMARY_SHIFT = 8,
	SECONDARY_SHIFT = 16,
	ENABLE_SHIFT = 31,
	LAST_KNOWN_PROPERTY = 0x07,
	FIRST_UNUSABLE_PROPERTY = 0xfd, /* reserved, or not available */

	FIELD_64_BIT = 1 << 1, /* of base and of maximum offset: the upper half follows */
	FIELD_FLAGS = 3,
};

/* The properties of memory with and without prefetching, of a function and of its VFs. */
static bool is_memory(unsigned properties, unsigned indicator)
{
	return indicator >= EA_VF_BAR_0 ? properties == 0x03 || properties == 0x04
					: properties == 0x00 || properties == 0x01;
}

/* Secondary Properties count for software that does not know the primary ones. */
static unsigned properties_of(uint32_t first)
{
	unsigned primary = first >> PRIMARY_SHIFT & 0xff;
	bool known = primary <= LAST_KNOWN_PROPERTY || primary >= FIRST_UNUSABLE_PROPERTY;

	return known ? primary : first >> SECONDARY_SHIFT & 0xff;
}

/* The upper halves follow both lower ones: base, maximum offset, upper base, upper offset. */
static bool read_entry(const struct space *space, unsigned at, struct ea_entry *entry)
{
	unsigned words = space_long(space, at) & SIZE_MASK;
	uint32_t base = space_long(space, at + 4), offset = space_long(space, at + 8);
	bool wide_base = base & FIELD_64_BIT, wide_offset = offset & FIELD_64_BIT;
	uint64_t upper_base = wide_base ? space_long(space, at + 12) : 0;
	uint64_t upper_offset = wide_offset ? space_long(space, at + 12 + 4 * wide_base) : 0;

	if (words < 2u + wide_base + wide_offset)
		return false;
	entry->base = upper_base << 32 | (base & ~(uint32_t)FIELD_FLAGS);
	entry->last = entry->base + (upper_offset << 32 | offset | FIELD_FLAGS);
	return entry->last > entry->base;
}

bool ea_find(const struct space *space, unsigned indicator, struct ea_entry *entry)
{
	unsigned capability = space_capability(space, EA_CAPABILITY), at = capability + HEADER_ROOM;
	unsigned count = space_byte(space, capability + ENTRIES) & ENTRIES_MASK;

	for (unsigned i = 0; capability && i < count && at < 256; i++) {
		uint32_t first = space_long(space, at);

		if (first >> ENABLE_SHIFT && (first >> INDICATOR_SHIFT & 15) == indicator &&
				is_memory(properties_of(first), indicator) &&
				read_entry(space, at, entry))
			return true;
		at += 4 * ((first & SIZE_MASK) + 1);
	}
	return false;
}

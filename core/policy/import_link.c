/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/import_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mac.h"
#include "base/number.h"

/*
 * systemd.link(5), and systemd.network(5), which has the same [SR-IOV] sections. As in systemd, the
 * last value of a key counts and an empty one clears it, but a section replaces an earlier one for
 * the same VF and does not add to it. If a .link file gives no number of VFs, systemd-udevd creates
 * as many as the sections need; systemd-networkd creates none.
 */

/* Parses systemd's sizes, which may end with K, M or G: times 1024. -EINVAL: TEXT is not a size. */
static int parse_size(const char *text, char plain[24])
{
	static const char units[] = "KMG";
	char digits[16];
	size_t length = strlen(text);
	const char *unit = length ? strchr(units, text[length - 1]) : NULL;
	uint64_t number;

	if (!unit || length > sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, length - 1);
	digits[length - 1] = '\0';
	if (number_parse(digits, 0, UINT32_MAX, &number) < 0)
		return -EINVAL;
	snprintf(plain, 24, "%llu", (unsigned long long)number << 10 * (unit - units + 1));
	return 0;
}

static bool is_known(const char *key)
{
	return !strcmp(key, "SR-IOVVirtualFunctions") || !strcmp(key, "MTUBytes");
}

static void take_link_key(
		struct import *import, const struct ini_entry *entry, struct desired *desired)
{
	struct node node = import_node_of(entry);
	const char *takes;
	char size[24];

	if (!is_known(entry->key)) {
		if (*entry->value)
			import_left(import, &node, "%s= is not for a policy file", entry->key);
		return;
	}
	if (!strcmp(entry->key, "MTUBytes") && !parse_size(entry->value, size))
		node.text = size;
	if (*node.text)
		import_set(import, desired, "PF", entry->key, &node);
	else
		desired_set(desired, "PF", entry->key, "", &takes);
}

/* Returns the entry for KEY that takes effect, or NULL. */
static const struct ini_entry *effective(const struct ini_section *section, const char *key)
{
	const struct ini_entry *found = NULL;

	for (size_t i = 0; i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];

		if (!strcmp(entry->key, key))
			found = *entry->value ? entry : NULL;
	}
	return found;
}

/* Returns the VF that an [SR-IOV] section is for, or -1. */
static int vf_of(const struct ini_section *section)
{
	const struct ini_entry *entry = effective(section, "VirtualFunction");
	uint64_t index;

	if (!entry || number_parse(entry->value, 0, DESIRED_VFS_MOST - 1, &index) < 0)
		return -1;
	return (int)index;
}

static void take_vf_key(struct import *import, struct desired *desired, unsigned index,
		const struct ini_section *section, const struct ini_entry *entry)
{
	bool of_vlan = !strcmp(entry->key, "QualityOfService") ||
			!strcmp(entry->key, "VLANProtocol");
	struct node node = import_node_of(entry);
	struct mac mac;
	const char *takes;

	if (of_vlan && !effective(section, "VLANId")) {
		import_left(import, &node, "%s= has no effect without VLANId=", entry->key);
		return;
	}
	if (!strcmp(entry->key, "MACAddress") && !mac_parse(entry->value, &mac) && mac_is_zero(mac))
		return; /* treated as absent */
	if (desired_set_vf(desired, index, entry->key, entry->value, &takes) == -ENOENT)
		import_left(import, &node, "%s= is not for a policy file", entry->key);
	else
		import_set_vf(import, desired, index, entry->key, &node);
}

static void take_vf(struct import *import, struct desired *desired,
		const struct ini_section *section, unsigned index)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];

		if (strcmp(entry->key, "VirtualFunction") != 0 &&
				effective(section, entry->key) == entry)
			take_vf_key(import, desired, index, section, entry);
	}
}

static bool is_sriov(const struct ini_section *section)
{
	return !strcmp(section->kind, "SR-IOV");
}

/* Returns the line of a later section for the same VF, or 0. */
static unsigned replaced_at(const struct ini *ini, size_t index)
{
	int vf = vf_of(&ini->sections[index]);

	for (size_t i = index + 1; i < ini->count; i++) {
		if (is_sriov(&ini->sections[i]) && vf_of(&ini->sections[i]) == vf)
			return ini->sections[i].line;
	}
	return 0;
}

static void take_vfs(struct import *import, const struct ini *ini, struct desired *desired)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];
		struct node place = { .line = section->line, .column = 1 };
		int vf = is_sriov(section) ? vf_of(section) : -1;
		unsigned line = vf < 0 ? 0 : replaced_at(ini, i);

		if (!is_sriov(section))
			continue;
		if (vf < 0)
			import_wrong(import, &place,
					"[SR-IOV] needs VirtualFunction=, the number of a VF from 0 "
					"to %d",
					DESIRED_VFS_MOST - 1);
		else if (desired->count_given && (unsigned)vf >= desired->count)
			import_left(import, &place,
					"there is no VF %d of %u: systemd ignores this section", vf,
					desired->count);
		else if (line)
			import_left(import, &place,
					"the section for VF %d on line %u replaces this one", vf,
					line);
		else
			take_vf(import, desired, section, (unsigned)vf);
	}
}

/* Does what systemd-udevd does without SR-IOVVirtualFunctions=. */
static void derive_count(
		struct import *import, const struct ini *ini, bool network, struct desired *desired)
{
	struct node place = { .column = 1 };
	int most = -1;

	for (size_t i = 0; i < ini->count; i++) {
		int vf = is_sriov(&ini->sections[i]) ? vf_of(&ini->sections[i]) : -1;

		if (vf > most) {
			most = vf;
			place.line = ini->sections[i].line;
		}
	}
	if (desired->count_given || most < 0)
		return;
	if (network) {
		import_left(import, &place,
				"a .network file makes no VFs: give SR-IOVVirtualFunctions= in [PF], "
				"or the number stays as it is");
		return;
	}
	desired->count_given = true;
	desired->count = (unsigned)most + 1;
	import_left(import, &place,
			"SR-IOVVirtualFunctions= is not given: systemd makes as many VFs as this "
			"section needs, %u, and keeps more if they are there",
			desired->count);
}

static bool is_network(const char *file, const struct ini *ini)
{
	const char *end = strrchr(file, '.');

	return (end && !strcmp(end, ".network")) || ini_section(ini, "Network", NULL) ||
			ini_value(ini_section(ini, "Match", NULL), "Name");
}

static void read_sections(struct import *import, const struct ini *ini, struct desired *desired)
{
	static const char *const known[] = { "Match", "Link", "SR-IOV", NULL };

	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		import_takes_section(import, section, known);
		for (size_t e = 0; e < section->count && !strcmp(section->kind, "Link"); e++)
			take_link_key(import, &section->entries[e], desired);
	}
}

static void add_card(struct import *import, const struct pf_selector *selector,
		const struct desired *desired)
{
	struct desired *card = import_card(import, selector);
	struct desired copy = *desired;

	copy.file = card->file;
	copy.selector = *selector;
	copy.vfs = calloc(desired->vf_count + 1, sizeof(*copy.vfs));
	if (!copy.vfs)
		abort();
	if (desired->vf_count)
		memcpy(copy.vfs, desired->vfs, desired->vf_count * sizeof(*copy.vfs));
	free(card->vfs);
	*card = copy;
}

static void warn_of_addresses(struct import *import, const struct desired *desired)
{
	for (size_t i = 0; i < desired->vf_count; i++) {
		if (!(desired->vfs[i].settings.given & VF_MAC))
			continue;
		import_left(import, NULL,
				"the VFs of each of these cards get the same addresses, as with "
				"systemd: change them in all files but one");
		return;
	}
}

static void read_link(struct import *import, const struct ini *ini)
{
	CLEANUP(cleanup_pf_selectors) struct pf_selectors cards = { 0 };
	bool network = is_network(import->file, ini);
	struct desired desired = { 0 };
	const char *renamed = network ? NULL : ini_value(ini_section(ini, "Link", NULL), "Name");

	read_sections(import, ini, &desired);
	derive_count(import, ini, network, &desired);
	take_vfs(import, ini, &desired);
	if (desired.count_given || ini_section(ini, "SR-IOV", NULL))
		link_match(import, ini, renamed, &cards);
	if (cards.count > 1)
		warn_of_addresses(import, &desired);
	for (size_t i = 0; i < cards.count; i++)
		add_card(import, &cards.items[i], &desired);
	free(desired.vfs);
}

static int parse(struct import *import, const char *text, size_t length, struct err *err)
{
	return import_ini(import, text, length, read_link, err);
}

const struct import_format import_systemd_link = {
	.name = "systemd-link",
	.help = "a .link or .network file of systemd",
	.parse = parse,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "netdev/vf_settings.h"
#include "policy/desired_internal.h"

/*
 * [SR-IOV] sections. Each is for one VF or for several, and a later one wins, key by key: so this
 * first finds for every VF the last entry with each key, in whichever file, and then makes the VF's
 * settings from these. A MAC or GUID that is given to several VFs goes to the first, and the next ones
 * get those that follow.
 */

enum { INDEX_MOST = DESIRED_VFS_MOST - 1 }; /* the largest cards have about 1,000 VFs */

/* The keys of vf_value_at() come before these. */
enum { KEY_DRIVER = VF_VALUES_MOST, KEY_COUNT };

/* The entry that sets a key. ENTRY is NULL if there is none. */
struct given {
	const struct ini *ini;
	const struct ini_entry *entry;
	unsigned position; /* of the VF in its section */
};

struct vf_given {
	unsigned index;
	struct given of; /* the last VirtualFunction that has it */
	struct given keys[KEY_COUNT];
};

struct all_given {
	size_t count, room;
	struct vf_given *items;
};

static struct vf_given *given_of(struct all_given *all, unsigned index)
{
	size_t at = all->count;

	while (at && all->items[at - 1].index > index)
		at--;
	if (at && all->items[at - 1].index == index)
		return &all->items[at - 1];
	if (all->count == all->room) {
		all->room = all->room ? 2 * all->room : 8;
		all->items = reallocarray(all->items, all->room, sizeof(*all->items));
		if (!all->items)
			abort();
	}
	memmove(&all->items[at + 1], &all->items[at], (all->count++ - at) * sizeof(*all->items));
	all->items[at] = (struct vf_given){ .index = index };
	return &all->items[at];
}

/* "3" or "0-3" into [FIRST, LAST]. */
static int parse_range(char *text, uint64_t *first, uint64_t *last)
{
	char *dash = strchr(text, '-');
	int rc;

	if (dash)
		*dash = '\0';
	rc = number_parse(text, 0, INDEX_MOST, first);
	*last = *first;
	if (!rc && dash)
		rc = number_parse(dash + 1, *first, INDEX_MOST, last);
	return rc;
}

/* Numbers and ranges between spaces or commas; SEEN has a bit for each, true when one is new. */
int desired_parse_indexes(const char *value, bool seen[DESIRED_VFS_MOST])
{
	char copy[512], *rest = copy, *word;
	uint64_t first, last;
	bool any = false;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", value) >= sizeof(copy))
		return -EINVAL;
	while ((word = strsep(&rest, " \t,"))) {
		if (!*word)
			continue;
		if (parse_range(word, &first, &last) < 0)
			return -EINVAL;
		for (uint64_t i = first; i <= last; i++)
			seen[i] = any = true;
	}
	return any ? 0 : -EINVAL;
}

static int find_key(const char *name)
{
	const struct vf_value *value;

	for (int key = 0; (value = vf_value_at((unsigned)key)); key++) {
		if (!strcmp(value->key, name))
			return key;
	}
	return strcmp(name, "Driver") != 0 ? -1 : KEY_DRIVER;
}

static const char *key_takes(int key)
{
	return key == KEY_DRIVER ? "the name of a driver, such as vfio-pci"
				 : vf_value_at((unsigned)key)->takes;
}

static void give(struct all_given *all, unsigned index, struct given of,
		const struct ini_section *section)
{
	struct vf_given *vf = given_of(all, index);

	vf->of = of;
	for (size_t i = 0; i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];
		int key = find_key(entry->key);

		if (key >= 0)
			vf->keys[key] = *entry->value ? (struct given){ of.ini, entry, of.position }
						      : (struct given){ 0 };
	}
}

static int parse_value(int key, const struct given *given, struct desired_vf *vf);

/* Checks the values of a section for no VF, too, so that one run reports all errors. */
static void check_values(const struct ini *ini, const struct ini_section *section,
		struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];
		const struct given given = { ini, entry, 0 };
		struct desired_vf ignored = { 0 };
		int key = find_key(entry->key);

		if (key >= 0 && *entry->value && parse_value(key, &given, &ignored) < 0)
			ini_diagnose(diagnostics, ini, entry, "%s takes %s, not '%s'", entry->key,
					key_takes(key), entry->value);
	}
}

static void collect(const struct ini *ini, const struct ini_section *section, struct all_given *all,
		bool *seen, struct diagnostics *diagnostics)
{
	const struct ini_entry *of = NULL;
	unsigned position = 0;

	for (size_t i = 0; i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];

		if (!strcmp(entry->key, "VirtualFunction"))
			of = entry;
		else if (find_key(entry->key) < 0)
			diagnostic_add(diagnostics, "%s:%u:%u: unknown key %s in [SR-IOV]",
					ini->file, entry->line, entry->column, entry->key);
	}
	if (!of) {
		diagnostic_add(diagnostics,
				"%s:%u:1: [SR-IOV] needs VirtualFunction, which says "
				"for which VFs it is",
				ini->file, section->line);
		check_values(ini, section, diagnostics);
		return;
	}
	memset(seen, 0, (INDEX_MOST + 1) * sizeof(*seen));
	if (desired_parse_indexes(of->value, seen) < 0) {
		ini_diagnose(diagnostics, ini, of,
				"VirtualFunction takes numbers and ranges such as 0-3 5, not '%s'",
				of->value);
		check_values(ini, section, diagnostics);
		return;
	}
	for (unsigned index = 0; index <= INDEX_MOST; index++) {
		if (seen[index])
			give(all, index, (struct given){ ini, of, position++ }, section);
	}
}

/* The address POSITION after MAC. It must stay with the vendor that the first three octets name. */
static int mac_after(struct mac *mac, unsigned position)
{
	uint32_t low = (uint32_t)mac->octet[3] << 16 | (uint32_t)mac->octet[4] << 8 | mac->octet[5];

	low += position;
	if (low > 0xffffff)
		return -ERANGE;
	mac->octet[3] = (uint8_t)(low >> 16);
	mac->octet[4] = (uint8_t)(low >> 8);
	mac->octet[5] = (uint8_t)low;
	return 0;
}

/* The same of a GUID, whose low 40 bits the vendor chooses. */
static int guid_after(uint64_t *guid, unsigned position)
{
	const uint64_t own = ((uint64_t)1 << 40) - 1;

	if ((*guid & own) + position > own || guid_is_null(*guid + position))
		return -ERANGE;
	*guid += position;
	return 0;
}

/* Makes the address of the VF at POSITION of the one that its section gives. */
static int follow(const struct vf_value *value, struct vf_settings *settings, unsigned position)
{
	char *at = (char *)settings + value->offset;
	uint64_t guid;
	int rc;

	if (value->kind == VF_VALUE_MAC)
		return mac_is_zero(settings->mac) ? -EINVAL : mac_after(&settings->mac, position);
	if (value->kind != VF_VALUE_GUID)
		return 0;
	memcpy(&guid, at, sizeof(guid));
	rc = guid_is_null(guid) ? -EINVAL : guid_after(&guid, position);
	memcpy(at, &guid, sizeof(guid));
	return rc;
}

static int parse_driver(const char *text, char driver[NAME_ROOM])
{
	if (strlen(text) >= NAME_ROOM || *text == '.' ||
			strspn(text,
					"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
					"-_.") != strlen(text))
		return -EINVAL;
	memcpy(driver, text, strlen(text) + 1);
	return 0;
}

static int parse_value(int key, const struct given *given, struct desired_vf *vf)
{
	const struct vf_value *value = vf_value_at((unsigned)key);
	struct vf_settings *settings = &vf->settings;
	int rc;

	if (key == KEY_DRIVER)
		return parse_driver(given->entry->value, vf->driver);
	rc = vf_value_parse(value, VF_IN_FILES, given->entry->value, settings);
	if (!rc)
		rc = follow(value, settings, given->position);
	if (rc < 0)
		return rc;
	settings->given |= value->bit;
	if (settings->vlan && !settings->proto)
		settings->proto = ETH_P_8021Q;
	return 0;
}

static struct desired_vf *add_vf(struct desired *desired, unsigned index)
{
	size_t at = desired->vf_count;

	while (at && desired->vfs[at - 1].index > index)
		at--;
	if (at && desired->vfs[at - 1].index == index)
		return &desired->vfs[at - 1];
	desired->vfs = reallocarray(desired->vfs, desired->vf_count + 1, sizeof(*desired->vfs));
	if (!desired->vfs)
		abort();
	memmove(&desired->vfs[at + 1], &desired->vfs[at],
			(desired->vf_count++ - at) * sizeof(*desired->vfs));
	desired->vfs[at] = (struct desired_vf){ .index = index };
	return &desired->vfs[at];
}

int desired_set_vf(struct desired *desired, unsigned index, const char *name, const char *text,
		const char **takes)
{
	struct ini_entry entry = { .key = name, .value = text };
	struct given given = { .entry = &entry };
	int key = find_key(name), rc;
	struct desired_vf *vf, before;

	if (key < 0)
		return -ENOENT;
	*takes = key_takes(key);
	vf = add_vf(desired, index);
	before = *vf;
	rc = parse_value(key, &given, vf);
	if (rc < 0)
		*vf = before;
	return rc;
}

/* The first key of VF whose setting is among SETTINGS. */
static const struct given *key_among(const struct vf_given *from, unsigned settings)
{
	const struct vf_value *value;

	for (unsigned key = 0; (value = vf_value_at(key)); key++) {
		if (value->bit & settings && from->keys[key].entry)
			return &from->keys[key];
	}
	return NULL;
}

/* No card has both link layers. */
static void check_link_layers(const struct vf_given *from, const struct desired_vf *vf,
		struct diagnostics *diagnostics)
{
	unsigned given = vf->settings.given;
	const struct given *ethernet =
			key_among(from, vf_settings_foreign(given, LAYER_INFINIBAND));
	const struct given *infiniband =
			key_among(from, vf_settings_foreign(given, LAYER_ETHERNET));

	if (ethernet && infiniband)
		ini_diagnose(diagnostics, infiniband->ini, infiniband->entry,
				"VF %u: %s is for InfiniBand cards, and %s for Ethernet cards",
				vf->index, infiniband->entry->key, ethernet->entry->key);
}

/* Two keys that exclude each other, reported at the second one. */
static void check_together(const struct vf_given *from, const struct desired_vf *vf,
		struct diagnostics *diagnostics)
{
	const struct given *qos = &from->keys[find_key("QualityOfService")],
			   *proto = &from->keys[find_key("VLANProtocol")],
			   *min = &from->keys[find_key("MinRate")];
	const struct vf_settings *settings = &vf->settings;

	if (!settings->vlan && qos->entry && settings->qos)
		ini_diagnose(diagnostics, qos->ini, qos->entry,
				"VF %u: QualityOfService needs VLANId, 1 to 4094", vf->index);
	if (!settings->vlan && proto->entry)
		ini_diagnose(diagnostics, proto->ini, proto->entry,
				"VF %u: VLANProtocol needs VLANId, 1 to 4094", vf->index);
	if (settings->max_rate && settings->min_rate > settings->max_rate)
		ini_diagnose(diagnostics, min->ini, min->entry,
				"VF %u: MinRate %u is above MaxRate %u", vf->index,
				settings->min_rate, settings->max_rate);
	check_link_layers(from, vf, diagnostics);
}

static bool is_reported(const struct vf_given *from, const struct vf_given *before, int key)
{
	return before && before->keys[key].entry == from->keys[key].entry;
}

/* An error in a section for several VFs is reported once: BEFORE is the VF before. */
static void make_vf(const struct vf_given *from, const struct vf_given *before,
		struct desired_vf *vf, struct diagnostics *diagnostics)
{
	size_t errors = diagnostics->count;
	bool wrong = false;

	*vf = (struct desired_vf){ .index = from->index };
	for (int key = 0; key < KEY_COUNT; key++) {
		const struct given *given = &from->keys[key];
		int rc = given->entry ? parse_value(key, given, vf) : 0;

		wrong |= rc < 0;
		if (rc == -ERANGE)
			ini_diagnose(diagnostics, given->ini, given->entry,
					"VF %u: the %s after %s leave its vendor's range",
					vf->index,
					vf_value_at((unsigned)key)->kind == VF_VALUE_GUID
							? "GUIDs"
							: "addresses",
					given->entry->value);
		else if (rc < 0 && !is_reported(from, before, key))
			ini_diagnose(diagnostics, given->ini, given->entry, "%s takes %s, not '%s'",
					given->entry->key, key_takes(key), given->entry->value);
	}
	if (!wrong && diagnostics->count == errors)
		check_together(from, vf, diagnostics);
}

static bool is_same_value(const struct vf_value *value, const struct vf_settings *a,
		const struct vf_settings *b)
{
	return a->given & b->given & value->bit &&
			!memcmp((const char *)a + value->offset, (const char *)b + value->offset,
					value->size);
}

/* The VF at AT has no MAC and no GUID that one before it has. */
static void check_addresses(const struct all_given *all, const struct desired *desired, size_t at,
		struct diagnostics *diagnostics)
{
	const struct desired_vf *vf = &desired->vfs[at];
	const struct vf_value *value;
	char text[32];

	for (unsigned key = 0; (value = vf_value_at(key)); key++) {
		const struct given *given = &all->items[at].keys[key];

		if (value->kind != VF_VALUE_MAC && value->kind != VF_VALUE_GUID)
			continue;
		for (size_t k = 0; k < at; k++) {
			const struct desired_vf *other = &desired->vfs[k];

			if (is_same_value(value, &other->settings, &vf->settings))
				ini_diagnose(diagnostics, given->ini, given->entry,
						"VFs %u and %u have one %s, %s", other->index,
						vf->index, vf_setting_of(value->bit)->name,
						vf_value_print(value, VF_IN_FILES, &vf->settings,
								text, sizeof(text)));
		}
	}
}

/* What two VFs, or a VF and the number of VFs, contradict. Once for a section of several VFs. */
static void check_all(const struct all_given *all, const struct desired *desired,
		struct diagnostics *diagnostics)
{
	const struct ini_entry *reported = NULL;

	for (size_t i = 0; i < all->count; i++) {
		const struct given *of = &all->items[i].of;
		const struct desired_vf *vf = &desired->vfs[i];

		if (desired->count_given && vf->index >= desired->count && of->entry != reported) {
			ini_diagnose(diagnostics, of->ini, of->entry,
					"there is no VF %u of %u VF%s", vf->index, desired->count,
					text_plural(desired->count));
			reported = of->entry;
		}
		check_addresses(all, desired, i, diagnostics);
	}
}

void desired_read_vfs(const struct policy_source *source, struct desired *desired,
		struct diagnostics *diagnostics)
{
	bool seen[INDEX_MOST + 1];
	struct all_given all = { 0 };

	for (size_t i = 0; i < source->count; i++) {
		const struct ini *ini = source->inis[i];

		for (size_t k = 0; k < ini->count; k++) {
			if (!strcmp(ini->sections[k].kind, "SR-IOV") && !*ini->sections[k].name)
				collect(ini, &ini->sections[k], &all, seen, diagnostics);
		}
	}
	desired->vfs = calloc(all.count + 1, sizeof(*desired->vfs));
	if (!desired->vfs)
		abort();
	for (size_t i = 0; i < all.count; i++)
		make_vf(&all.items[i], i ? &all.items[i - 1] : NULL, &desired->vfs[i], diagnostics);
	desired->vf_count = all.count;
	check_all(&all, desired, diagnostics);
	free(all.items);
}

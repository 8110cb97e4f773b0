/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "policy/import_internal.h"

/*
 * nm-settings-keyfile(5): the [sriov] section of a connection. total-vfs=, autoprobe-drivers=, and
 * for each VF vf.INDEX=mac=... trust=true vlans=ID.PRIORITY.PROTOCOL. If the section is present,
 * the default is 0 VFs.
 */

/* Keys that do not concern the card, or that this file reads. */
static bool is_quiet(const struct ini_section *section, const char *key)
{
	static const struct {
		const char *section, *key;
	} quiet[] = { { "connection", "id" }, { "connection", "uuid" }, { "connection", "type" },
		{ "connection", "timestamp" }, { "connection", "interface-name" },
		{ "ethernet", "mac-address" }, { "ethernet", "mtu" },
		{ "802-3-ethernet", "mac-address" }, { "802-3-ethernet", "mtu" },
		{ "match", "path" } };

	for (size_t i = 0; i < sizeof(quiet) / sizeof(*quiet); i++) {
		if (!strcmp(quiet[i].section, section->kind) && !strcmp(quiet[i].key, key))
			return true;
	}
	return false;
}

static void leave_rest(struct import *import, const struct ini *ini)
{
	static const char *const known[] = { "connection", "ethernet", "802-3-ethernet", "match",
		"sriov", NULL };

	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];
		bool takes = import_takes_section(import, section, known);

		for (size_t e = 0; takes && e < section->count; e++) {
			struct node node = import_node_of(&section->entries[e]);

			if (strcmp(section->kind, "sriov") != 0 && !is_quiet(section, node.key))
				import_left(import, &node, "%s= is not for a policy file",
						node.key);
		}
	}
}

/* Returns the last value of KEY in all sections of KIND, or NULL. */
static const struct ini_entry *find(const struct ini *ini, const char *kind, const char *key)
{
	const struct ini_entry *found = NULL;

	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t e = 0; e < section->count && !strcmp(section->kind, kind); e++) {
			if (!strcmp(section->entries[e].key, key))
				found = &section->entries[e];
		}
	}
	return found && *found->value ? found : NULL;
}

static const struct ini_entry *find_ethernet(const struct ini *ini, const char *key)
{
	const struct ini_entry *found = find(ini, "ethernet", key);

	return found ? found : find(ini, "802-3-ethernet", key);
}

static void set(struct import *import, struct desired *desired, const char *section,
		const char *key, const struct ini_entry *entry)
{
	struct node node;

	if (!entry)
		return;
	node = import_node_of(entry);
	import_set(import, desired, section, key, &node);
}

/* match.path is a list of patterns with | & ! in front; a single plain one is an address. */
static void take_path(struct import *import, const struct ini *ini, struct desired *probe)
{
	const struct ini_entry *entry = find(ini, "match", "path");
	CLEANUP(cleanup_free) char *copy = text_format("%s", entry ? entry->value : "");
	size_t length = strlen(copy);
	struct node node;
	const char *takes;

	if (!entry)
		return;
	node = import_node_of(entry);
	if (length && copy[length - 1] == ';')
		copy[length - 1] = '\0';
	if (desired_set(probe, "Match", "Path", copy + strspn(copy, "|&"), &takes) < 0)
		import_left(import, &node, "path=%.60s is not checked: it takes %s", entry->value,
				takes);
}

static void take_match(struct import *import, const struct ini *ini, struct desired *probe)
{
	const struct ini_entry *name = find(ini, "connection", "interface-name");
	struct node node;

	take_path(import, ini, probe);
	set(import, probe, "Match", "PermanentMACAddress", find_ethernet(ini, "mac-address"));
	set(import, probe, "Match", "Name", name);
	if (!name && !probe->selector.by_path && !probe->selector.by_mac) {
		import_wrong(import, NULL,
				"the connection is for no single card: give interface-name= in "
				"[connection], or mac-address= in [ethernet]");
	} else if (name && !probe->selector.by_path && !probe->selector.by_mac) {
		node = import_node_of(name);
		import_left(import, &node,
				"the card is known by its interface's name, which may change: put "
				"Path= or PermanentMACAddress= in its place");
	}
}

/* Splits "10.3.ad" into three keys. */
static void take_vlans(struct import *import, struct desired *desired, unsigned index,
		const struct node *place, char *vlans)
{
	static const char *const keys[] = { "VLANId", "QualityOfService", "VLANProtocol" };
	char *rest = vlans, *first = strsep(&rest, ";\\");

	if (rest && *(rest + strspn(rest, ";\\")))
		import_left(import, place, "a VF has one VLAN: the first of %s", place->key);
	for (size_t i = 0; first && i < sizeof(keys) / sizeof(*keys); i++) {
		char *word = strsep(&first, ".");
		struct node node = *place;

		node.text = i < 2                     ? word
				: !strcmp(word, "ad") ? "802.1ad"
				: !strcmp(word, "q")  ? "802.1Q"
						      : word;
		import_set_vf(import, desired, index, keys[i], &node);
	}
}

static const struct vf_value *value_of(const char *attribute)
{
	const struct vf_value *value;

	/* nmstate uses NetworkManager's words, except for this one. */
	if (!strcmp(attribute, "mac"))
		attribute = "mac-address";
	for (unsigned i = 0; (value = vf_value_at(i)); i++) {
		if (value->bit != VF_VLAN && value->nmstate && !strcmp(value->nmstate, attribute))
			return value;
	}
	return NULL;
}

static void take_attribute(struct import *import, struct desired *desired, unsigned index,
		const struct ini_entry *entry, char *word)
{
	struct node node = import_node_of(entry);
	char *text = strchr(word, '=');
	const struct vf_value *value;

	if (!text) {
		import_wrong(import, &node, "%s: '%.60s' is no ATTRIBUTE=VALUE", entry->key, word);
		return;
	}
	*text++ = '\0';
	value = value_of(word);
	node.key = word;
	node.text = text;
	if (!strcmp(word, "vlans"))
		take_vlans(import, desired, index, &node, text);
	else if (value)
		import_set_vf(import, desired, index, value->key, &node);
	else
		import_left(import, &node, "%s: %.60s is not for a policy file", entry->key, word);
}

static void take_vf(struct import *import, struct desired *desired, const struct ini_entry *entry)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", entry->value);
	struct node node = import_node_of(entry);
	char *rest = copy, *word;
	uint64_t index;

	if (number_parse(entry->key + 3, 0, DESIRED_VFS_MOST - 1, &index) < 0) {
		import_wrong(import, &node, "%s: the number of a VF is from 0 to %d", entry->key,
				DESIRED_VFS_MOST - 1);
		return;
	}
	if (index >= desired->count) {
		import_wrong(import, &node, "%s: there is no VF %u of %u", entry->key,
				(unsigned)index, desired->count);
		return;
	}
	while ((word = strsep(&rest, " \t"))) {
		if (*word)
			take_attribute(import, desired, (unsigned)index, entry, word);
	}
}

/* -1 and "default" leave the choice to NetworkManager's configuration. */
static void take_autoprobe(struct import *import, const struct ini *ini, struct desired *desired)
{
	const struct ini_entry *entry = find(ini, "sriov", "autoprobe-drivers");

	if (entry && strcmp(entry->value, "-1") != 0 && strcmp(entry->value, "default") != 0)
		set(import, desired, "PF", "Autoprobe", entry);
}

static void take_sriov(struct import *import, const struct ini *ini, struct desired *desired)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t e = 0; e < section->count && !strcmp(section->kind, "sriov"); e++) {
			const struct ini_entry *entry = &section->entries[e];
			struct node node = import_node_of(entry);

			if (!strncmp(entry->key, "vf.", 3))
				take_vf(import, desired, entry);
			else if (strcmp(entry->key, "total-vfs") != 0 &&
					strcmp(entry->key, "autoprobe-drivers") != 0 &&
					strcmp(entry->value, "-1") != 0)
				import_left(import, &node, "%s=%.40s is not for a policy file",
						entry->key, entry->value);
		}
	}
}

static void read_connection(struct import *import, const struct ini *ini)
{
	const struct ini_section *sriov = ini_section(ini, "sriov", NULL);
	const struct ini_entry *mtu = find_ethernet(ini, "mtu");
	struct node place = { .line = sriov ? sriov->line : 1, .column = 1 };
	struct desired probe = { 0 }, *desired;

	leave_rest(import, ini);
	if (!sriov)
		return;
	take_match(import, ini, &probe);
	desired = import_card(import, &probe.selector);
	desired->count_given = true;
	set(import, desired, "PF", "SR-IOVVirtualFunctions", find(ini, "sriov", "total-vfs"));
	if (!find(ini, "sriov", "total-vfs"))
		import_left(import, &place,
				"total-vfs= is not given: NetworkManager takes it as 0, no VFs");
	if (mtu && strcmp(mtu->value, "0") != 0) /* 0: NetworkManager chooses */
		set(import, desired, "PF", "MTUBytes", mtu);
	take_autoprobe(import, ini, desired);
	take_sriov(import, ini, desired);
}

static int parse(struct import *import, const char *text, size_t length, struct err *err)
{
	return import_ini(import, text, length, read_connection, err);
}

const struct import_format import_networkmanager = {
	.name = "networkmanager",
	.help = "a connection of NetworkManager, a .nmconnection file with [sriov]",
	.parse = parse,
};

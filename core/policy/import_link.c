/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "policy/import_internal.h"

/* systemd.link: the words are nearly ours. Lists and patterns are not: a policy file means one card. */

static const struct {
	const char *theirs, *ours;
} match_keys[] = {
	{ "Path", "Path" },
	{ "PermanentMACAddress", "PermanentMACAddress" },
	{ "MACAddress", "PermanentMACAddress" },
	{ "OriginalName", "Name" },
};

/* The node that helpers want: a key, its text, and where it stands. */
static struct node node_of(const struct ini_entry *entry)
{
	return (struct node){ .kind = NODE_TEXT,
		.line = entry->line,
		.column = entry->value_column,
		.key = (char *)entry->key,
		.text = (char *)entry->value,
		.quoted = true };
}

static void take_match_key(
		struct import *import, const struct ini_entry *entry, struct desired *probe)
{
	struct node node = node_of(entry);
	const char *takes;

	for (size_t i = 0; i < sizeof(match_keys) / sizeof(*match_keys); i++) {
		if (strcmp(match_keys[i].theirs, entry->key) != 0)
			continue;
		if (desired_set(probe, "Match", match_keys[i].ours, entry->value, &takes) < 0)
			import_left(import, &node,
					"%s=%.60s: a policy file takes one, and no pattern: %s",
					entry->key, entry->value, takes);
		else if (!strcmp(entry->key, "MACAddress"))
			import_left(import, &node,
					"MACAddress= is taken for the permanent address");
		else if (!strcmp(entry->key, "OriginalName"))
			import_left(import, &node,
					"the card is known by its interface's name, which may "
					"change: put Path= or PermanentMACAddress= in its place");
		return;
	}
	import_left(import, &node, "%s= is not for a policy file", entry->key);
}

/* systemd's sizes may end with K, M or G: times 1024. -EINVAL: TEXT is none of these. */
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

static void take_link_key(
		struct import *import, const struct ini_entry *entry, struct desired *probe)
{
	struct node node = node_of(entry);
	char size[24];

	if (!*entry->value)
		return;
	if (!strcmp(entry->key, "MTUBytes") && !parse_size(entry->value, size))
		node.text = size;
	if (!strcmp(entry->key, "SR-IOVVirtualFunctions") || !strcmp(entry->key, "MTUBytes"))
		import_set(import, probe, "PF", entry->key, &node);
	else
		import_left(import, &node, "%s= is not for a policy file", entry->key);
}

static void take_vf(struct import *import, const struct ini_section *section, struct desired *probe)
{
	bool chosen[DESIRED_VFS_MOST] = { false };
	const char *of = ini_value(section, "VirtualFunction");
	struct node place = { .line = section->line, .column = 1 };
	unsigned index = 0;

	if (!of || strchr(of, '-') || desired_parse_indexes(of, chosen) < 0) {
		import_wrong(import, &place, "[SR-IOV] needs VirtualFunction=, the number of a VF");
		return;
	}
	while (!chosen[index])
		index++;
	for (size_t i = 0; i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];
		struct node node = node_of(entry);
		const char *takes;

		if (!strcmp(entry->key, "VirtualFunction") || !*entry->value)
			continue;
		if (desired_set_vf(probe, index, entry->key, entry->value, &takes) == -ENOENT)
			import_left(import, &node, "%s= is not for a policy file", entry->key);
		else
			import_set_vf(import, probe, index, entry->key, &node);
	}
}

static void read_link(struct import *import, const struct ini *ini)
{
	struct desired probe = { 0 }, *card;

	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];
		struct node place = { .line = section->line, .column = 1 };

		if (!strcmp(section->kind, "SR-IOV"))
			take_vf(import, section, &probe);
		else if (strcmp(section->kind, "Match") != 0 && strcmp(section->kind, "Link") != 0)
			import_left(import, &place, "[%s] is not for a policy file", section->kind);
		else
			for (size_t k = 0; k < section->count; k++)
				(*section->kind == 'M' ? take_match_key : take_link_key)(
						import, &section->entries[k], &probe);
	}
	card = import_card(import, &probe.selector);
	probe.file = card->file;
	*card = probe;
}

static int parse(struct import *import, const char *text, size_t length, struct err *err)
{
	CLEANUP(cleanup_ini) struct ini *ini = NULL;

	if (strlen(text) != length)
		return err_set(err, EINVAL, "%s: not a text file: it contains a zero byte",
				import->file);
	ini = ini_parse_all(import->file, text, &import->wrong);
	read_link(import, ini);
	return 0;
}

const struct import_format import_systemd_link = {
	.name = "systemd-link",
	.help = "a systemd.link(5) file",
	.parse = parse,
};

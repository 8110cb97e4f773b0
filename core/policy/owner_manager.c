/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/ini.h"
#include "policy/owner_parts.h"

/* nm-settings-keyfile(5), NetworkManager.conf(5). */

static void look_at_connection(
		const struct ini *ini, const struct card_names *names, struct diagnostics *owners)
{
	const struct ini_section *sriov = ini_section(ini, "sriov", NULL);
	const struct ini_section *ethernet = ini_section(ini, "ethernet", NULL);
	const char *name = ini_value(ini_section(ini, "connection", NULL), "interface-name");
	const char *selection = ini_value(ini_section(ini, "match", NULL), "interface-name");
	const char *mac = ini_value(ethernet ? ethernet : ini_section(ini, "802-3-ethernet", NULL),
			"mac-address");

	if (!sriov || (name && *name && strcmp(name, names->netdev) != 0) ||
			(mac && *mac && !owner_list_has(mac, " ", names->permanent_mac)) ||
			(selection && *selection && !strpbrk(selection, "!&|") &&
					!owner_list_has(selection, ";", names->netdev)))
		return;
	diagnostic_add(owners,
			"%s:%u: NetworkManager makes and sets its VFs when the connection comes up",
			ini->file, sriov->line);
}

/* One word of a device list, "interface-name:ens*". What is not known may be true. */
static bool word_is(const char *word, const struct card_names *names)
{
	const struct {
		const char *prefix, *value;
	} known[] = { { "interface-name:=", names->netdev }, { "interface-name:~", names->netdev },
		{ "interface-name:", names->netdev }, { "mac:", names->permanent_mac },
		{ "driver:", names->driver } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t length = strlen(known[i].prefix);

		if (!strncmp(word, known[i].prefix, length))
			return owner_list_has(word + length, " ", known[i].value);
	}
	return true;
}

static bool list_is(const char *list, const struct card_names *names)
{
	CLEANUP(cleanup_free) char *copy = file_path("%s", list ? list : "");
	bool wants = false, has = false;
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",; \t"))) {
		bool but = !strncmp(word, "except:", 7);

		if (!*word)
			continue;
		if (but && strncmp(word + 7, "type:", 5) != 0 && word_is(word + 7, names))
			return false;
		wants |= !but;
		has |= !but && word_is(word, names);
	}
	return has || !wants;
}

/* [device], [device-NAME]. */
static void look_at_devices(
		const struct ini *ini, const struct card_names *names, struct diagnostics *owners)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];
		const char *count = ini_value(section, "sriov-num-vfs");

		if (strncmp(section->kind, "device", 6) != 0 || !count || !*count ||
				!list_is(ini_value(section, "match-device"), names))
			continue;
		diagnostic_add(owners, "%s:%u: NetworkManager makes %s VFs of it", ini->file,
				section->line, count);
		return;
	}
}

static void look_at_each(const struct owner_texts *texts, const struct card_names *names,
		void (*look)(const struct ini *, const struct card_names *, struct diagnostics *),
		struct diagnostics *owners)
{
	for (size_t i = 0; i < texts->count; i++) {
		CLEANUP(cleanup_diagnostics) struct diagnostics ignored = { 0 };
		CLEANUP(cleanup_ini)
		struct ini *ini =
				ini_parse_all(texts->items[i].file, texts->items[i].text, &ignored);

		look(ini, names, owners);
	}
}

void owner_of_connections(const struct owner_texts *texts, const struct card_names *names,
		struct diagnostics *owners)
{
	look_at_each(texts, names, look_at_connection, owners);
}

void owner_of_manager(const struct owner_texts *texts, const struct card_names *names,
		struct diagnostics *owners)
{
	look_at_each(texts, names, look_at_devices, owners);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/ini.h"
#include "managers/other_manager_internal.h"

/* nm-settings-keyfile(5), NetworkManager.conf(5). */

static void check_connection(
		const struct ini *ini, const struct card_names *names, struct diagnostics *managers)
{
	const struct ini_section *sriov = ini_section(ini, "sriov", NULL);
	const struct ini_section *ethernet = ini_section(ini, "ethernet", NULL);
	const char *name = ini_value(ini_section(ini, "connection", NULL), "interface-name");
	const char *selection = ini_value(ini_section(ini, "match", NULL), "interface-name");
	const char *mac = ini_value(ethernet ? ethernet : ini_section(ini, "802-3-ethernet", NULL),
			"mac-address");

	if (!sriov || (name && *name && strcmp(name, names->netdev) != 0) ||
			(mac && *mac && !pattern_list_matches(mac, " ", names->permanent_mac)) ||
			(selection && *selection && !strpbrk(selection, "!&|") &&
					!pattern_list_matches(selection, ";", names->netdev)))
		return;
	diagnostic_add(managers,
			"%s:%u: NetworkManager makes and sets its VFs when the connection comes up",
			ini->file, sriov->line);
}

/* Whether one word of a device list matches, "interface-name:ens*". An unknown kind counts as
 * matching. */
static bool word_matches(const char *word, const struct card_names *names)
{
	const struct {
		const char *prefix, *value;
	} known[] = { { "interface-name:=", names->netdev }, { "interface-name:~", names->netdev },
		{ "interface-name:", names->netdev }, { "mac:", names->permanent_mac },
		{ "driver:", names->driver } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t length = strlen(known[i].prefix);

		if (!strncmp(word, known[i].prefix, length))
			return pattern_list_matches(word + length, " ", known[i].value);
	}
	return true;
}

static bool list_matches(const char *list, const struct card_names *names)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", list ? list : "");
	bool listed = false, matched = false;
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",; \t"))) {
		bool negated = !strncmp(word, "except:", 7);

		if (!*word)
			continue;
		if (negated && strncmp(word + 7, "type:", 5) != 0 && word_matches(word + 7, names))
			return false;
		listed |= !negated;
		matched |= !negated && word_matches(word, names);
	}
	return matched || !listed;
}

/* Checks [device] and [device-NAME]. */
static void check_devices(
		const struct ini *ini, const struct card_names *names, struct diagnostics *managers)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];
		const char *count = ini_value(section, "sriov-num-vfs");

		if (strncmp(section->kind, "device", 6) != 0 || !count || !*count ||
				!list_matches(ini_value(section, "match-device"), names))
			continue;
		diagnostic_add(managers, "%s:%u: NetworkManager makes %s VFs of it", ini->file,
				section->line, count);
		return;
	}
}

static void check_each(const struct manager_files *texts, const struct card_names *names,
		void (*look)(const struct ini *, const struct card_names *, struct diagnostics *),
		struct diagnostics *managers)
{
	for (size_t i = 0; i < texts->count; i++) {
		CLEANUP(cleanup_diagnostics) struct diagnostics ignored = { 0 };
		CLEANUP(cleanup_ini)
		struct ini *ini =
				ini_parse_all(texts->items[i].file, texts->items[i].text, &ignored);

		look(ini, names, managers);
	}
}

void find_nm_connections(const struct manager_files *texts, const struct card_names *names,
		struct diagnostics *managers)
{
	check_each(texts, names, check_connection, managers);
}

void find_nm_configuration(const struct manager_files *texts, const struct card_names *names,
		struct diagnostics *managers)
{
	check_each(texts, names, check_devices, managers);
}

void scan_networkmanager(const struct manager_scan *scan)
{
	static const char *const connection_folders[] = { "etc/NetworkManager/system-connections",
		"run/NetworkManager/system-connections",
		"usr/lib/NetworkManager/system-connections", NULL };
	static const char *const configuration_folders[] = { "etc/NetworkManager/conf.d",
		"run/NetworkManager/conf.d", "usr/lib/NetworkManager/conf.d", NULL };
	CLEANUP(manager_files_free) struct manager_files connections = { 0 };
	CLEANUP(manager_files_free) struct manager_files configuration = { 0 };

	manager_files_read(scan, connection_folders, "", "", &connections);
	find_nm_connections(&connections, scan->names, scan->managers);
	manager_file_read(scan, "etc/NetworkManager/NetworkManager.conf", &configuration);
	manager_files_read(scan, configuration_folders, "", ".conf", &configuration);
	find_nm_configuration(&configuration, scan->names, scan->managers);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/owner.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/ini.h"
#include "host/conf_files.h"
#include "sriov/match.h"
#include "sriov/owner_parts.h"

/* systemd.link(5), systemd.network(5), nm-settings-keyfile(5), netplan(5). */

#define FILE_LIMIT (1u << 20)

static const char *const systemd_folders[] = { "etc/systemd/network", "run/systemd/network",
	"usr/local/lib/systemd/network", "usr/lib/systemd/network", NULL };
static const char *const manager_folders[] = { "etc/NetworkManager/system-connections",
	"run/NetworkManager/system-connections", "usr/lib/NetworkManager/system-connections",
	NULL };
static const char *const netplan_folders[] = { "run/netplan", "etc/netplan", "usr/lib/netplan",
	"lib/netplan", NULL };

bool owner_list_has(const char *list, const char *separators, const char *value)
{
	CLEANUP(cleanup_free) char *copy = file_path("%s", list);
	bool turned = *list == '!', found = false;
	char *rest = copy + turned, *word;

	while ((word = strsep(&rest, separators)))
		found |= *word && !fnmatch(word, value, FNM_CASEFOLD);
	return found != turned;
}

/* The keys of [Match] that name a card. Others may hold or not. */
static bool match_has(const struct ini_section *match, const struct card_names *names)
{
	const struct {
		const char *key, *value;
	} known[] = { { "Path", names->id_path }, { "Driver", names->driver },
		{ "MACAddress", names->mac }, { "PermanentMACAddress", names->permanent_mac },
		{ "Name", names->netdev }, { "OriginalName", names->netdev } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const char *list = ini_value(match, known[i].key);

		if (list && *list && !owner_list_has(list, " \t,", known[i].value))
			return false;
	}
	return true;
}

static void look_at_systemd(
		const struct ini *ini, const struct card_names *names, struct faults *owners)
{
	const struct ini_section *link = ini_section(ini, "Link", NULL);
	const struct ini_section *vf = ini_section(ini, "SR-IOV", NULL);
	const char *count = ini_value(link, "SR-IOVVirtualFunctions");

	if ((!vf && !count) || !match_has(ini_section(ini, "Match", NULL), names))
		return;
	if (count)
		fault_add(owners, "%s:%u: systemd makes %s VFs of it", ini->file, link->line,
				count);
	else
		fault_add(owners, "%s:%u: systemd sets its VFs", ini->file, vf->line);
}

static void look_at_manager(
		const struct ini *ini, const struct card_names *names, struct faults *owners)
{
	const struct ini_section *sriov = ini_section(ini, "sriov", NULL);
	const struct ini_section *ethernet = ini_section(ini, "ethernet", NULL);
	const char *name = ini_value(ini_section(ini, "connection", NULL), "interface-name");
	const char *names_matched = ini_value(ini_section(ini, "match", NULL), "interface-name");
	const char *mac = ini_value(ethernet ? ethernet : ini_section(ini, "802-3-ethernet", NULL),
			"mac-address");

	if (!sriov || (name && strcmp(name, names->netdev) != 0) ||
			(mac && !owner_list_has(mac, " ", names->permanent_mac)) ||
			(names_matched && !owner_list_has(names_matched, ";", names->netdev)))
		return;
	fault_add(owners,
			"%s:%u: NetworkManager makes and sets its VFs when the connection comes up",
			ini->file, sriov->line);
}

static char *read_text(const struct host *host, const char *path)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	char *text = NULL;

	if (fd >= 0)
		file_read_fd(fd, path, FILE_LIMIT, &text, NULL, NULL);
	return text;
}

/* LOOK NULL: netplan's. */
static void look_in(const struct host *host, const char *const folders[], const char *below,
		const char *suffix,
		void (*look)(const struct ini *, const struct card_names *, struct faults *),
		const struct card_names *names, struct faults *owners)
{
	char **paths;
	size_t count;

	if (conf_files_list(host, folders, below, suffix, &paths, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *told = host_path(host, paths[i]);
		CLEANUP(cleanup_free) char *text = read_text(host, paths[i]);
		CLEANUP(cleanup_faults) struct faults ignored = { 0 };
		CLEANUP(cleanup_ini) struct ini *ini = NULL;

		if (!text)
			continue;
		if (!look) {
			owner_find_netplan(told, text, names, owners);
			continue;
		}
		ini = ini_parse_all(told, text, &ignored);
		look(ini, names, owners);
	}
	host_names_free(paths, count);
}

void owner_find(const struct host *host, const struct pf *pf, struct faults *owners)
{
	struct card_names names = { .netdev = pf->function.netdev, .driver = pf->function.driver };
	char bdf[BDF_TEXT];
	struct mac mac;

	snprintf(names.id_path, sizeof(names.id_path), "pci-%s", bdf_format(pf->function.bdf, bdf));
	if (pf->net.index)
		mac_format(pf->net.mac, names.mac);
	if (!match_permanent_mac(host, &pf->function, &mac))
		mac_format(mac, names.permanent_mac);
	look_in(host, systemd_folders, "", ".link", look_at_systemd, &names, owners);
	look_in(host, systemd_folders, "", ".network", look_at_systemd, &names, owners);
	look_in(host, manager_folders, "", "", look_at_manager, &names, owners);
	look_in(host, netplan_folders, "", ".yaml", NULL, &names, owners);
}

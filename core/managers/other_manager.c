/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "managers/other_manager.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "managers/other_manager_internal.h"
#include "policy/select_pf.h"

static void (*const kinds[])(const struct manager_scan *) = {
	scan_link_files,
	scan_network_files,
	scan_networkmanager,
	scan_netplan,
	scan_udev,
	scan_units,
	scan_ifupdown,
	scan_ifcfg,
	scan_scripts,
	scan_attribute_files,
	scan_tuned,
	scan_modprobe,
	scan_declared,
};

/* NET_NAME_RENAMED of the kernel's uapi/linux/netdevice.h. */
static bool is_renamed(const struct host *host, const char *netdev)
{
	char path[64], text[16];

	snprintf(path, sizeof(path), "sys/class/net/%.16s/name_assign_type", netdev);
	return *netdev && !host_read(host, path, text, sizeof(text), NULL) && !strcmp(text, "4");
}

/* Takes a line "E:KEY=value" of udev's database. */
static void take_property(char *line, struct card_names *names)
{
	char *equals = strchr(line, '=');

	if (strncmp(line, "E:", 2) != 0 || !equals || strlen(equals + 1) >= CARD_ALIAS_ROOM)
		return;
	*equals = '\0';
	if (!strcmp(line + 2, "ID_PATH"))
		snprintf(names->id_path, CARD_ALIAS_ROOM, "%s", equals + 1);
	else if (!strncmp(line + 2, "ID_NET_NAME", 11) && equals[1] &&
			names->alias_count < CARD_ALIASES_MOST)
		snprintf(names->aliases[names->alias_count++], CARD_ALIAS_ROOM, "%s", equals + 1);
}

/* systemd gives an interface these as alternative names. */
static void read_udev_database(const struct host *host, const char *path, struct card_names *names)
{
	char text[8192], *rest = text, *line;
	size_t length;

	if (host_read_bytes(host, path, text, sizeof(text), &length) < 0)
		return;
	while ((line = strsep(&rest, "\n")))
		take_property(line, names);
}

static void read_ids(const struct host *host, const struct pf *pf, struct card_names *names)
{
	char path[64], text[16];

	snprintf(path, sizeof(path), "run/udev/data/+pci:%s", names->bdf);
	read_udev_database(host, path, names);
	snprintf(path, sizeof(path), "sys/class/net/%.16s/ifindex", names->netdev);
	if (!*names->netdev || host_read(host, path, text, sizeof(text), NULL) < 0)
		return;
	snprintf(path, sizeof(path), "run/udev/data/n%s", text);
	if (!strchr(text, '/') && pf->net.index)
		read_udev_database(host, path, names);
}

static void read_names(const struct host *host, const struct pf *pf, struct card_names *names)
{
	struct bdf above[PATH_LIMIT];
	struct mac mac;

	*names = (struct card_names){
		.host = host, .netdev = pf->function.netdev, .driver = pf->function.driver
	};
	bdf_format(pf->function.bdf, names->bdf);
	names->renamed = is_renamed(host, names->netdev);
	snprintf(names->mac, sizeof(names->mac), "%s", pf->net.address);
	if (!pf_permanent_mac(host, &pf->function, &mac))
		mac_format(mac, names->permanent_mac);
	read_ids(host, pf, names);
	if (function_path(host, pf->function.bdf, above, PATH_LIMIT, &names->above_count, NULL) < 0)
		names->above_count = 0;
	for (size_t i = 0; i < names->above_count; i++)
		bdf_format(above[i], names->above[i]);
}

void other_managers_find(const struct host *host, const struct pf *pf, struct diagnostics *managers,
		struct diagnostics *notes)
{
	struct card_names names;
	const struct manager_scan scan = { host, &names, managers, notes };

	read_names(host, pf, &names);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		kinds[i](&scan);
}

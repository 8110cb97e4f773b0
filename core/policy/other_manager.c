/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/other_manager.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/conf_files.h"
#include "policy/other_manager_internal.h"
#include "policy/select_pf.h"

#define FILE_LIMIT (1u << 20)

static const char *const systemd_folders[] = { "etc/systemd/network", "run/systemd/network",
	"usr/local/lib/systemd/network", "usr/lib/systemd/network", NULL };
static const char *const connection_folders[] = { "etc/NetworkManager/system-connections",
	"run/NetworkManager/system-connections", "usr/lib/NetworkManager/system-connections",
	NULL };
static const char *const manager_folders[] = { "etc/NetworkManager/conf.d",
	"run/NetworkManager/conf.d", "usr/lib/NetworkManager/conf.d", NULL };
static const char *const netplan_folders[] = { "run/netplan", "etc/netplan", "usr/lib/netplan",
	"lib/netplan", NULL };

static void read_file(const struct host *host, const char *path, struct manager_files *texts)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	char *text = NULL;

	if (fd < 0 || file_read_fd(fd, path, FILE_LIMIT, &text, NULL, NULL) < 0)
		return;
	texts->items = reallocarray(texts->items, texts->count + 1, sizeof(*texts->items));
	if (!texts->items)
		abort();
	texts->items[texts->count++] = (struct manager_file){ host_path(host, path), text };
}

static void read_files(const struct host *host, const char *const folders[], const char *below,
		const char *suffix, struct manager_files *texts)
{
	char **paths;
	size_t count;

	if (conf_files_list(host, folders, below, suffix, &paths, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		read_file(host, paths[i], texts);
	host_names_free(paths, count);
}

static void files_free(struct manager_files *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		free(texts->items[i].file);
		free(texts->items[i].text);
	}
	free(texts->items);
	*texts = (struct manager_files){ 0 };
}

static void scan_systemd(const struct host *host, const char *suffix,
		const struct card_names *names, struct diagnostics *managers)
{
	char **paths;
	size_t count;

	if (conf_files_list(host, systemd_folders, "", suffix, &paths, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_free)
		char *below = file_path("%s.d", strrchr(paths[i], '/') + 1);
		CLEANUP(files_free) struct manager_files texts = { 0 };

		read_file(host, paths[i], &texts);
		read_files(host, systemd_folders, below, ".conf", &texts);
		find_systemd_files(&texts, names, managers);
	}
	host_names_free(paths, count);
}

static void scan_networkmanager(const struct host *host, const struct card_names *names,
		struct diagnostics *managers)
{
	CLEANUP(files_free) struct manager_files connections = { 0 };
	CLEANUP(files_free) struct manager_files configuration = { 0 };

	read_files(host, connection_folders, "", "", &connections);
	find_nm_connections(&connections, names, managers);
	read_file(host, "etc/NetworkManager/NetworkManager.conf", &configuration);
	read_files(host, manager_folders, "", ".conf", &configuration);
	find_nm_configuration(&configuration, names, managers);
}

static void scan_netplan(const struct host *host, const struct card_names *names,
		struct diagnostics *managers)
{
	CLEANUP(files_free) struct manager_files texts = { 0 };

	read_files(host, netplan_folders, "", ".yaml", &texts);
	find_netplan_files(&texts, names, managers);
}

/* NET_NAME_RENAMED of the kernel's uapi/linux/netdevice.h. */
static bool is_renamed(const struct host *host, const char *netdev)
{
	char path[64], text[16];

	snprintf(path, sizeof(path), "sys/class/net/%.16s/name_assign_type", netdev);
	return *netdev && !host_read(host, path, text, sizeof(text), NULL) && !strcmp(text, "4");
}

void other_managers_find(const struct host *host, const struct pf *pf, struct diagnostics *managers)
{
	struct card_names names = { .netdev = pf->function.netdev, .driver = pf->function.driver };
	char bdf[BDF_TEXT];
	struct mac mac;

	snprintf(names.id_path, sizeof(names.id_path), "pci-%s", bdf_format(pf->function.bdf, bdf));
	names.renamed = is_renamed(host, names.netdev);
	if (pf->net.index)
		mac_format(pf->net.mac, names.mac);
	if (!pf_permanent_mac(host, &pf->function, &mac))
		mac_format(mac, names.permanent_mac);
	scan_systemd(host, ".link", &names, managers);
	scan_systemd(host, ".network", &names, managers);
	scan_networkmanager(host, &names, managers);
	scan_netplan(host, &names, managers);
}

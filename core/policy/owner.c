/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/owner.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/conf_files.h"
#include "policy/owner_parts.h"
#include "policy/select_pf.h"

/* Where the files lie, and what they are held against. */

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

bool owner_list_has(const char *list, const char *separators, const char *value)
{
	CLEANUP(cleanup_free) char *copy = file_path("%s", list);
	bool found = false;
	char *rest = copy, *word;

	while ((word = strsep(&rest, separators)))
		found |= *word && !fnmatch(word, value, FNM_CASEFOLD);
	return found;
}

static void take_text(const struct host *host, const char *path, struct owner_texts *texts)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	char *text = NULL;

	if (fd < 0 || file_read_fd(fd, path, FILE_LIMIT, &text, NULL, NULL) < 0)
		return;
	texts->items = reallocarray(texts->items, texts->count + 1, sizeof(*texts->items));
	if (!texts->items)
		abort();
	texts->items[texts->count++] = (struct owner_text){ host_path(host, path), text };
}

static void take_texts(const struct host *host, const char *const folders[], const char *below,
		const char *suffix, struct owner_texts *texts)
{
	char **paths;
	size_t count;

	if (conf_files_list(host, folders, below, suffix, &paths, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		take_text(host, paths[i], texts);
	host_names_free(paths, count);
}

static void texts_free(struct owner_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		free(texts->items[i].file);
		free(texts->items[i].text);
	}
	free(texts->items);
	*texts = (struct owner_texts){ 0 };
}

static void find_systemd(const struct host *host, const char *suffix,
		const struct card_names *names, struct diagnostics *owners)
{
	char **paths;
	size_t count;

	if (conf_files_list(host, systemd_folders, "", suffix, &paths, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_free)
		char *below = file_path("%s.d", strrchr(paths[i], '/') + 1);
		CLEANUP(texts_free) struct owner_texts texts = { 0 };

		take_text(host, paths[i], &texts);
		take_texts(host, systemd_folders, below, ".conf", &texts);
		owner_of_systemd(&texts, names, owners);
	}
	host_names_free(paths, count);
}

static void find_manager(
		const struct host *host, const struct card_names *names, struct diagnostics *owners)
{
	CLEANUP(texts_free) struct owner_texts connections = { 0 };
	CLEANUP(texts_free) struct owner_texts configuration = { 0 };

	take_texts(host, connection_folders, "", "", &connections);
	owner_of_connections(&connections, names, owners);
	take_text(host, "etc/NetworkManager/NetworkManager.conf", &configuration);
	take_texts(host, manager_folders, "", ".conf", &configuration);
	owner_of_manager(&configuration, names, owners);
}

static void find_netplan(
		const struct host *host, const struct card_names *names, struct diagnostics *owners)
{
	CLEANUP(texts_free) struct owner_texts texts = { 0 };

	take_texts(host, netplan_folders, "", ".yaml", &texts);
	owner_of_netplan(&texts, names, owners);
}

/* NET_NAME_RENAMED of the kernel's uapi/linux/netdevice.h. */
static bool is_renamed(const struct host *host, const char *netdev)
{
	char path[64], text[16];

	snprintf(path, sizeof(path), "sys/class/net/%.16s/name_assign_type", netdev);
	return *netdev && !host_read(host, path, text, sizeof(text), NULL) && !strcmp(text, "4");
}

void owner_find(const struct host *host, const struct pf *pf, struct diagnostics *owners)
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
	find_systemd(host, ".link", &names, owners);
	find_systemd(host, ".network", &names, owners);
	find_manager(host, &names, owners);
	find_netplan(host, &names, owners);
}

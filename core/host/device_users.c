/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/device_users.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * Users are found by the names of the links in proc/PID/fd: a holder may run in a mount namespace
 * with its own /dev (libvirt gives one to each VM), in which only the end of the path is the same.
 * The folders below a function in sysfs say which nodes belong to it, for any kind of driver.
 */

/* Linux 6.12, include/linux/proc_ns.h: PROC_PID_INIT_INO. */
#define FIRST_PID_NAMESPACE "pid:[4026531836]"

/* The kernel's name for a VFIO device that a process got from a group or bound to an iommufd. */
#define VFIO_DEVICE "anon_inode:[vfio-device]"

#define NO_PROCESSES "the recorded tree has no processes"

enum { DEPTH = 6 }; /* BDF/mlx5_core.vnet.2/vdpa0/vhost-vdpa-0 is 3 deep */

static void add_user(
		struct device_users *users, const char *node, const char *pid, const char *command)
{
	struct device_user *user;

	if (!(users->count & (users->count - 1))) {
		size_t room = users->count ? 2 * users->count : 1;

		users->items = realloc(users->items, room * sizeof(*users->items));
		if (!users->items)
			abort();
	}
	user = &users->items[users->count++];
	*user = (struct device_user){ .pid = (pid_t)atol(pid) };
	snprintf(user->node, sizeof(user->node), "%.*s", (int)sizeof(user->node) - 1, node);
	snprintf(user->command, sizeof(user->command), "%s", command);
}

/* Returns the text after the last PART; NULL: the text does not contain PART. */
static const char *behind_last(const char *text, const char *part)
{
	const char *behind = NULL;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		behind = text;
	}
	return behind;
}

/* Nodes that many processes have open and that do not belong to a card. */
static bool is_common(const char *node)
{
	static const char *const common[] = { "null", "zero", "full", "random", "urandom", "tty",
		"pts/", "ptmx", "console", "shm/", "fuse", "kvm", "net/tun", "kmsg", "rtc",
		"input/", "vfio/vfio", "hugepages" };

	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++) {
		if (!strncmp(node, common[i], strlen(common[i])))
			return true;
	}
	return false;
}

/* Returns "0000:01:10.0/resource0" of
 * /sys/devices/pci0000:00/0000:00:01.0/0000:01:10.0/resource0. */
static const char *bar_of(const char *target)
{
	const char *bar = strstr(target, "/resource"), *at = bar;

	if (!bar || !strstr(target, "/devices/pci"))
		return NULL;
	while (at > target && at[-1] != '/')
		at--;
	return at;
}

static const char *node_of(const char *target)
{
	const char *node = bar_of(target);

	if (node)
		return node;
	if (!strcmp(target, VFIO_DEVICE))
		return target;
	node = behind_last(target, "/dev/");
	return node && !is_common(node) ? node : NULL;
}

static int look_at(const struct host *host, const char *pid, struct device_users *users)
{
	char path[64], target[PATH_MAX], command[20] = "", **fds;
	size_t count;
	int rc;

	snprintf(path, sizeof(path), "proc/%.16s/fd", pid);
	rc = host_names(host, path, &fds, &count, NULL);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count; i++) {
		const char *node;

		snprintf(path, sizeof(path), "proc/%.16s/fd/%.16s", pid, fds[i]);
		if (host_link_target(host, path, target, sizeof(target)) < 0)
			continue;
		node = node_of(target);
		if (!node)
			continue;
		snprintf(path, sizeof(path), "proc/%.16s/comm", pid);
		if (!*command)
			host_read(host, path, command, sizeof(command), NULL);
		add_user(users, node, pid, command);
	}
	host_names_free(fds, count);
	return 0;
}

/* Returns why proc does not show every process of the machine; NULL: it does. */
static const char *unseen_processes(const struct host *host)
{
	char target[40];

	if (!host_is_live(host))
		return NULL;
	if (host_link_target(host, "proc/self/ns/pid", target, sizeof(target)) < 0 ||
			strcmp(target, FIRST_PID_NAMESPACE) != 0)
		return "the processes of the host are not seen in this PID namespace";
	return host_exists(host, "proc/1") ? NULL : "/proc hides the processes of other users";
}

void device_users_read(const struct host *host, struct device_users *users)
{
	size_t count, processes = 0;
	char **names;

	*users = (struct device_users){ .unseen = unseen_processes(host) };
	if (host_names(host, "proc", &names, &count, NULL) < 0) {
		users->unseen = host_is_live(host) ? "/proc cannot be read" : NO_PROCESSES;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		int rc;

		if (names[i][0] < '1' || names[i][0] > '9')
			continue;
		processes++;
		rc = look_at(host, names[i], users);
		/* A process that has ended meanwhile holds nothing. */
		if (rc < 0 && rc != -ENOENT && rc != -ESRCH && !users->unseen)
			users->unseen = rc == -EACCES || rc == -EPERM
					? "the processes of other users are seen by root only"
					: "the open files of a process cannot be read";
	}
	host_names_free(names, count);
	if (!processes && !users->unseen)
		users->unseen = NO_PROCESSES;
}

void device_users_free(struct device_users *users)
{
	free(users->items);
	*users = (struct device_users){ 0 };
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The user of the node with the name of a folder in sysfs. The node may be in a subfolder of
 * /dev; VFIO's groups are not devices. */
static const struct device_user *user_of_device(
		const struct device_users *users, const char *device)
{
	for (size_t i = 0; i < users->count; i++) {
		const char *node = users->items[i].node;

		if (!strcmp(last_part(node), device) &&
				(strncmp(node, "vfio/", 5) || !strncmp(node, "vfio/devices/", 13)))
			return &users->items[i];
	}
	return NULL;
}

static const struct device_user *user_of_node(const struct device_users *users, const char *node)
{
	for (size_t i = 0; i < users->count; i++) {
		if (!strcmp(users->items[i].node, node))
			return &users->items[i];
	}
	return NULL;
}

/* Folders with many files but without devices. */
static bool is_barren(const char *name)
{
	static const char *const barren[] = { "power", "queues", "statistics", "msi_irqs",
		"hw_counters", "gids", "pkeys", "gid_attrs", "mr_cache" };

	for (size_t i = 0; i < sizeof(barren) / sizeof(*barren); i++) {
		if (!strcmp(name, barren[i]))
			return true;
	}
	return false;
}

static const struct device_user *user_below(const struct host *host,
		const struct device_users *users, const char *folder, int depth)
{
	const struct device_user *user = NULL;
	char path[PATH_MAX], **names;
	size_t count;

	if (host_folders(host, folder, &names, &count, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < count && !user; i++) {
		if (is_barren(names[i]))
			continue;
		user = user_of_device(users, names[i]);
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (!user && depth < DEPTH)
			user = user_below(host, users, path, depth + 1);
	}
	host_names_free(names, count);
	return user;
}

static const struct device_user *user_of_bar(const struct device_users *users, const char *bdf)
{
	size_t length = strlen(bdf);

	for (size_t i = 0; i < users->count; i++) {
		if (!strncmp(users->items[i].node, bdf, length) &&
				users->items[i].node[length] == '/')
			return &users->items[i];
	}
	return NULL;
}

const struct device_user *device_user_of(
		const struct host *host, const struct device_users *users, struct bdf bdf)
{
	char node[32] = "vfio/", path[64], text[BDF_TEXT];
	const struct device_user *user = NULL;

	if (!users->count)
		return NULL;
	if (!function_link(host, bdf, "iommu_group", node + 5, sizeof(node) - 5))
		user = user_of_node(users, node);
	if (!user) { /* without an IOMMU */
		memcpy(node, "vfio/noiommu-", 14);
		if (!function_link(host, bdf, "iommu_group", node + 13, sizeof(node) - 13))
			user = user_of_node(users, node);
	}
	if (!user)
		user = user_of_bar(users, bdf_format(bdf, text));
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", bdf_format(bdf, text));
	return user ? user : user_below(host, users, path, 0);
}

const struct device_user *device_user_of_some_vfio(const struct device_users *users)
{
	for (size_t i = 0; i < users->count; i++) {
		bool named = false;

		if (strcmp(users->items[i].node, VFIO_DEVICE) != 0)
			continue;
		for (size_t k = 0; k < users->count && !named; k++)
			named = users->items[k].pid == users->items[i].pid &&
					!strncmp(users->items[k].node, "vfio/", 5);
		if (!named)
			return &users->items[i];
	}
	return NULL;
}

/* Whether DEVICE is the disk or one of its partitions: sda1 of sda, nvme0n1p1 of nvme0n1. */
static bool is_of_disk(const char *device, const char *disk)
{
	size_t length = strlen(disk);
	const char *end = device + length;

	if (strncmp(device, disk, length) != 0)
		return false;
	if (isspace((unsigned char)*end))
		return true;
	return isdigit((unsigned char)disk[length - 1]) ? *end == 'p'
							: isdigit((unsigned char)*end);
}

static bool table_has_disk(const struct host *host, const char *table, const char *disk)
{
	CLEANUP(cleanup_file) FILE *file = NULL;
	char line[PATH_MAX];
	int fd = host_open_file(host, table, O_RDONLY);

	if (fd < 0 || !(file = fdopen(fd, "r")))
		return false;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "/dev/", 5) && is_of_disk(line + 5, disk))
			return true;
	}
	return false;
}

bool device_disk_is_used(const struct host *host, const char *disk, char *where, size_t size)
{
	static const char *const tables[] = { "proc/1/mounts", "proc/mounts", "proc/swaps" };
	char **names;
	size_t count;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		if (!table_has_disk(host, tables[i], disk))
			continue;
		snprintf(where, size, "%s", tables[i]);
		return true;
	}
	snprintf(where, size, "sys/class/block/%s/holders", disk);
	if (host_names(host, where, &names, &count, NULL) < 0)
		return false;
	host_names_free(names, count);
	return count;
}

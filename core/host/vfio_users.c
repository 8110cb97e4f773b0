/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vfio_users.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Found by what the links in proc/PID/fd are called, since a holder may live in a mount namespace
 * with a /dev of its own (libvirt gives one to each VM), where only the end of the path is the same.
 */

static void add_user(struct vfio_users *users, const char *node, pid_t pid, const char *command)
{
	struct vfio_user *user;

	if (!(users->count & (users->count - 1))) {
		size_t room = users->count ? 2 * users->count : 1;

		users->items = realloc(users->items, room * sizeof(*users->items));
		if (!users->items)
			abort();
	}
	user = &users->items[users->count++];
	*user = (struct vfio_user){ .pid = pid };
	snprintf(user->node, sizeof(user->node), "%s", node);
	snprintf(user->command, sizeof(user->command), "%s", command);
}

/* The node below vfio/ that the link leads to; NULL for anything else, the container among it. */
static const char *node_of(const char *target)
{
	const char *at = strstr(target, "/vfio/"), *next;

	while (at && (next = strstr(at + 1, "/vfio/")))
		at = next;
	if (!at || !strcmp(at, "/vfio/vfio"))
		return NULL;
	return at + strlen("/vfio/");
}

static void look_at(const struct host *host, const char *pid, struct vfio_users *users)
{
	char path[64], target[PATH_MAX], command[20] = "", **fds;
	size_t count;

	snprintf(path, sizeof(path), "proc/%.16s/fd", pid);
	if (host_names(host, path, &fds, &count, NULL) < 0)
		return; /* gone, or somebody else's */
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
		add_user(users, node, (pid_t)atol(pid), command);
	}
	host_names_free(fds, count);
}

void vfio_users_read(const struct host *host, struct vfio_users *users)
{
	char **names;
	size_t count;

	*users = (struct vfio_users){ 0 };
	/* Without VFIO in the kernel nobody can have anything open through it. */
	if (!host_exists(host, "dev/vfio") || host_names(host, "proc", &names, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (names[i][0] >= '1' && names[i][0] <= '9')
			look_at(host, names[i], users);
	}
	host_names_free(names, count);
}

void vfio_users_free(struct vfio_users *users)
{
	free(users->items);
	*users = (struct vfio_users){ 0 };
}

static const struct vfio_user *user_of_node(const struct vfio_users *users, const char *node)
{
	for (size_t i = 0; i < users->count; i++) {
		if (!strcmp(users->items[i].node, node))
			return &users->items[i];
	}
	return NULL;
}

const struct vfio_user *vfio_user_of(
		const struct host *host, const struct vfio_users *users, struct bdf bdf)
{
	char node[32], path[64], text[BDF_TEXT], **names;
	const struct vfio_user *user = NULL;
	size_t count;

	if (!users->count)
		return NULL;
	if (!function_link(host, bdf, "iommu_group", node, sizeof(node)))
		user = user_of_node(users, node);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/vfio-dev", bdf_format(bdf, text));
	if (user || host_names(host, path, &names, &count, NULL) < 0)
		return user;
	for (size_t i = 0; i < count && !user; i++) {
		snprintf(node, sizeof(node), "devices/%.20s", names[i]);
		user = user_of_node(users, node);
	}
	host_names_free(names, count);
	return user;
}

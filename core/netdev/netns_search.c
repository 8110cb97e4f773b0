/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/netns_search.h"

#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "netdev/ethtool.h"
#include "netdev/netns.h"

/* A separate thread enters one namespace after another and exits in the last: the main thread
 * never leaves its own. */

struct search {
	const struct host *host;
	char bdf[BDF_TEXT];
	size_t count; /* number of the namespaces searched */
	ino_t *seen;
	bool found;
	char text[64];
};

static bool is_new(struct search *search, int ns)
{
	struct stat st;

	if (fstat(ns, &st) < 0)
		return false;
	for (size_t i = 0; i < search->count; i++) {
		if (search->seen[i] == st.st_ino)
			return false;
	}
	search->seen = reallocarray(search->seen, search->count + 1, sizeof(*search->seen));
	if (!search->seen)
		abort();
	search->seen[search->count++] = st.st_ino;
	return true;
}

static bool has_interface(const char *bdf)
{
	struct if_nameindex *list = if_nameindex();
	char address[32];
	bool has = false;

	for (size_t i = 0; list && list[i].if_index && !has; i++)
		has = !netdev_bus_address(list[i].if_name, address, sizeof(address)) &&
				!strcmp(address, bdf);
	if (list)
		if_freenameindex(list);
	return has;
}

static bool look_into(struct search *search, const char *path)
{
	CLEANUP(cleanup_fd)
	int ns = host_open_kernel_link(search->host, path, O_RDONLY | O_NONBLOCK);

	search->found = ns >= 0 && is_new(search, ns) && !netns_enter(ns, NULL) &&
			has_interface(search->bdf);
	return search->found;
}

static void look_at_names(struct search *search)
{
	char **names;
	size_t count;

	if (host_names(search->host, "run/netns", &names, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count && !search->found; i++) {
		CLEANUP(cleanup_free) char *path = text_format("run/netns/%s", names[i]);

		if (look_into(search, path))
			snprintf(search->text, sizeof(search->text), "network namespace %.40s",
					names[i]);
	}
	host_names_free(names, count);
}

static void look_at_processes(struct search *search)
{
	char **names, command[24];
	size_t count;

	if (host_names(search->host, "proc", &names, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count && !search->found; i++) {
		CLEANUP(cleanup_free) char *path = text_format("proc/%s/ns/net", names[i]);
		CLEANUP(cleanup_free) char *comm = text_format("proc/%s/comm", names[i]);

		if (names[i][0] < '1' || names[i][0] > '9' || !look_into(search, path))
			continue;
		if (host_read(search->host, comm, command, sizeof(command), NULL) < 0)
			strcpy(command, "a process");
		snprintf(search->text, sizeof(search->text),
				"network namespace of %.16s (pid %.10s)", command, names[i]);
	}
	host_names_free(names, count);
}

static void *look_around(void *argument)
{
	struct search *search = argument;

	look_at_names(search);
	if (!search->found)
		look_at_processes(search);
	return NULL;
}

int netns_search(const struct host *host, struct bdf bdf, char *text, size_t size)
{
	struct search search = { .host = host };
	pthread_t thread;

	if (!host_is_live(host))
		return -ENOENT;
	bdf_format(bdf, search.bdf);
	if (pthread_create(&thread, NULL, look_around, &search) != 0)
		return -ENOENT;
	pthread_join(thread, NULL);
	free(search.seen);
	if (!search.found)
		return -ENOENT;
	snprintf(text, size, "%s", search.text);
	return 0;
}

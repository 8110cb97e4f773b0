/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/netdev_uses.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "netdev/link_message.h"
#include "netdev/netdev_recorded.h"
#include "netdev/rtnetlink.h"

enum { TRIES = 5 }; /* while the kernel's lists change */

static void cleanup_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

static void take_link(const struct nlmsghdr *message, void *argument)
{
	struct netdev_uses *uses = argument;
	struct netdev_use *use;
	struct netdev netdev;

	if (message->nlmsg_type != RTM_NEWLINK || link_message_decode(message, &netdev, NULL) < 0)
		return;
	if (!(uses->count & (uses->count - 1))) {
		size_t room = uses->count ? 2 * uses->count : 1;

		uses->items = reallocarray(uses->items, room, sizeof(*uses->items));
		if (!uses->items)
			abort();
	}
	use = &uses->items[uses->count++];
	*use = (struct netdev_use){ .index = netdev.index, .up = netdev.up };
	memcpy(use->name, netdev.name, sizeof(use->name));
	netdev_free(&netdev);
}

static int compare_indexes(const void *a, const void *b)
{
	int left = ((const struct netdev_use *)a)->index;
	int right = ((const struct netdev_use *)b)->index;

	return (left > right) - (left < right);
}

static void take_address(const struct nlmsghdr *message, void *argument)
{
	const struct ifaddrmsg *address = NLMSG_DATA(message);
	struct netdev_uses *uses = argument;
	struct netdev_use key, *use;

	if (message->nlmsg_type != RTM_NEWADDR ||
			message->nlmsg_len < NLMSG_LENGTH(sizeof(*address)) ||
			address->ifa_scope == RT_SCOPE_LINK)
		return;
	key.index = (int)address->ifa_index;
	use = bsearch(&key, uses->items, uses->count, sizeof(key), compare_indexes);
	if (use)
		use->addresses++;
}

/* All messages of one kind; HEADER is what this kind begins with. */
static int dump(const struct host *host, int type, const void *header, size_t size,
		rtnetlink_take_fn *take, struct netdev_uses *uses, struct err *err)
{
	CLEANUP(cleanup_message)
	struct nl_msg *request = nlmsg_alloc_simple(type, NLM_F_DUMP);
	struct rtnetlink_refusal refusal;
	int rc;

	if (!request || nlmsg_append(request, (void *)header, size, NLMSG_ALIGNTO) < 0)
		abort();
	rc = rtnetlink_ask(host, request, take, uses, &refusal, err);
	if (rc < 0 && refusal.code)
		return err_set(err, refusal.code, "%s", strerror(refusal.code));
	return rc;
}

static int read_once(const struct host *host, struct netdev_uses *uses, struct err *err)
{
	static const struct ifinfomsg links = { .ifi_family = AF_UNSPEC };
	static const struct ifaddrmsg addresses = { .ifa_family = AF_UNSPEC };
	int rc;

	netdev_uses_free(uses);
	rc = dump(host, RTM_GETLINK, &links, sizeof(links), take_link, uses, err);
	if (rc < 0)
		return rc;
	if (uses->count)
		qsort(uses->items, uses->count, sizeof(*uses->items), compare_indexes);
	return dump(host, RTM_GETADDR, &addresses, sizeof(addresses), take_address, uses, err);
}

void netdev_uses_read(const struct host *host, struct netdev_uses *uses)
{
	struct err err = { 0 };
	int rc = host_is_live(host) ? -EAGAIN : 0;

	*uses = (struct netdev_uses){ 0 };
	for (int i = 0; i < TRIES && rc == -EAGAIN; i++) {
		err = (struct err){ 0 };
		rc = read_once(host, uses, &err);
	}
	if (rc < 0)
		err_set(&uses->err, -rc, "cannot read the interfaces and their addresses: %s",
				rc == -EAGAIN ? "they change all the time" : err.msg);
}

void netdev_uses_free(struct netdev_uses *uses)
{
	free(uses->items);
	uses->items = NULL;
	uses->count = 0;
}

static int use_recorded(
		const struct host *host, const char *name, struct netdev_use *use, struct err *err)
{
	struct netdev netdev;
	int rc = netdev_read_recorded(host, name, &netdev, err);

	if (rc < 0)
		return rc;
	*use = (struct netdev_use){ .index = netdev.index, .up = netdev.up };
	memcpy(use->name, netdev.name, sizeof(use->name));
	netdev_free(&netdev);
	return 0;
}

int netdev_uses_of(const struct host *host, const struct netdev_uses *uses, const char *name,
		struct netdev_use *use, struct err *err)
{
	if (!host_is_live(host))
		return use_recorded(host, name, use, err);
	if (uses->err.code)
		return err_pass(err, &uses->err, "%s", uses->err.msg);
	for (size_t i = 0; i < uses->count; i++) {
		if (strcmp(uses->items[i].name, name) != 0)
			continue;
		*use = uses->items[i];
		return 0;
	}
	return err_set(err, ENODEV, "no network interface is named %s", name);
}

void netdev_upper(const struct host *host, const char *name, char *upper, size_t size)
{
	char path[64], **names;
	size_t count;

	*upper = '\0';
	snprintf(path, sizeof(path), "sys/class/net/%.20s", name);
	if (host_names(host, path, &names, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count && !*upper; i++) {
		if (!strncmp(names[i], "upper_", 6))
			snprintf(upper, size, "%s", names[i] + 6);
	}
	host_names_free(names, count);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/bridge_table.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "netdev/rtnetlink.h"

enum { PORTS_MOST = 64, ENTRIES_MOST = 64, DEPTH_MOST = 4 };

struct entry {
	struct ndmsg header;
	uint16_t vlan; /* 0: none is given */
};

struct search {
	const struct host *host;
	struct mac mac;
	size_t port_count, count;
	int ports[PORTS_MOST];
	struct entry entries[ENTRIES_MOST];
};

/* --- The ports ------------------------------------------------------------------------------- */

static void add_port(struct search *search, const char *name)
{
	CLEANUP(cleanup_free) char *port = text_format("sys/class/net/%s/brport", name);
	CLEANUP(cleanup_free) char *path = text_format("sys/class/net/%s/ifindex", name);
	uint64_t index = 0;
	char text[24] = "";

	if (!host_exists(search->host, port) || search->port_count == PORTS_MOST ||
			host_read(search->host, path, text, sizeof(text), NULL) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	if (!number_parse(text, 1, INT32_MAX, &index))
		search->ports[search->port_count++] = (int)index;
}

static void add_ports(struct search *search, const char *name, unsigned depth)
{
	static const char upper[] = "upper_";
	CLEANUP(cleanup_free) char *folder = text_format("sys/class/net/%s", name);
	char **names = NULL;
	size_t count = 0;

	add_port(search, name);
	if (depth < DEPTH_MOST)
		host_names(search->host, folder, &names, &count, NULL);
	for (size_t i = 0; i < count; i++) {
		if (!strncmp(names[i], upper, strlen(upper)))
			add_ports(search, names[i] + strlen(upper), depth + 1);
	}
	host_names_free(names, count);
}

/* --- What they have learned ------------------------------------------------------------------ */

static bool is_port(const struct search *search, int index)
{
	for (size_t i = 0; i < search->port_count; i++) {
		if (search->ports[i] == index)
			return true;
	}
	return false;
}

static void take_entry(const struct nlmsghdr *message, void *argument)
{
	struct search *search = argument;
	const struct ndmsg *header = NLMSG_DATA(message);
	struct nlattr *found[NDA_MAX + 1] = { 0 };
	struct nlattr *address;

	if (message->nlmsg_type != RTM_NEWNEIGH || search->count == ENTRIES_MOST ||
			nlmsg_parse((struct nlmsghdr *)message, sizeof(*header), found, NDA_MAX,
					NULL) < 0)
		return;
	address = found[NDA_LLADDR];
	if (header->ndm_family != AF_BRIDGE || header->ndm_state & (NUD_PERMANENT | NUD_NOARP) ||
			!is_port(search, header->ndm_ifindex) || !address ||
			nla_len(address) != sizeof(search->mac.octet) ||
			memcmp(nla_data(address), search->mac.octet, sizeof(search->mac.octet)) !=
					0)
		return;
	search->entries[search->count++] = (struct entry){ *header,
		found[NDA_VLAN] ? nla_get_u16(found[NDA_VLAN]) : 0 };
}

static void cleanup_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

static struct nl_msg *new_message(int type, int flags, const struct ndmsg *header)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, flags);

	if (!message || nlmsg_append(message, (void *)header, sizeof(*header), NLMSG_ALIGNTO) < 0)
		abort();
	return message;
}

static int list(struct search *search, struct err *err)
{
	const struct ndmsg header = { .ndm_family = AF_BRIDGE };
	CLEANUP(cleanup_message)
	struct nl_msg *request = new_message(RTM_GETNEIGH, NLM_F_DUMP, &header);
	struct rtnetlink_refusal refusal;
	int rc = rtnetlink_ask(search->host, request, take_entry, search, &refusal, err);

	return rc < 0 && refusal.code
			? err_set(err, refusal.code, "cannot read what bridges have learned: %s",
					  strerror(refusal.code))
			: rc;
}

static int forget(const struct search *search, const struct entry *entry, struct err *err)
{
	const struct ndmsg header = { .ndm_family = AF_BRIDGE,
		.ndm_ifindex = entry->header.ndm_ifindex,
		.ndm_flags = NTF_MASTER,
		.ndm_state = entry->header.ndm_state };
	CLEANUP(cleanup_message) struct nl_msg *change = new_message(RTM_DELNEIGH, 0, &header);
	struct rtnetlink_refusal refusal;
	char text[MAC_TEXT];
	int rc;

	if (nla_put(change, NDA_LLADDR, sizeof(search->mac.octet), search->mac.octet) < 0 ||
			(entry->vlan && nla_put_u16(change, NDA_VLAN, entry->vlan) < 0))
		abort();
	rc = rtnetlink_change(search->host, change, &refusal, err);
	/* It may have aged meanwhile. */
	if (rc == -ENOENT)
		return 0;
	return rc < 0 && refusal.code
			? err_set(err, refusal.code, "cannot let a bridge forget %s: %s",
					  mac_format(search->mac, text), strerror(refusal.code))
			: rc;
}

int bridges_forget(const struct host *host, const char *below, struct mac mac, struct err *err)
{
	struct search search = { .host = host, .mac = mac };
	int rc = 0;

	add_ports(&search, below, 0);
	if (search.port_count)
		rc = list(&search, err);
	for (size_t i = 0; !rc && i < search.count; i++)
		rc = forget(&search, &search.entries[i], err);
	return rc;
}

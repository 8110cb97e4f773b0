/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/netdev.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "netdev/link_message.h"
#include "netdev/netdev_recorded.h"
#include "netdev/port.h"
#include "netdev/rtnetlink.h"

/*
 * Requests to rtnetlink. libnl carries the messages; its link objects are not used. Version 3.7
 * sends the protocol of a port VLAN in the wrong byte order (802.1ad is refused), sends a change
 * again when the driver does not have it, folds the kernel's errno and its text into a few codes,
 * and asks for the statistics of every VF.
 */

static void cleanup_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

/* Sends CHANGE, waits for the answer and reports a refusal as "NAME: cannot WHAT: ...". */
static int apply(const struct host *host, struct nl_msg *change, struct err *err, const char *what,
		const char *name)
{
	struct rtnetlink_refusal refusal;
	struct err cause = { 0 };
	int rc = rtnetlink_change(host, change, &refusal, &cause);

	if (rc == -EIO && !refusal.code)
		return err_set(err, EIO, "%s: cannot %s: %s", name, what, cause.msg);
	if (!refusal.code)
		return rc < 0 ? err_pass(err, &cause, "%s", cause.msg) : 0;
	return err_set(err, refusal.code, "%s: cannot %s: %s%s%s%s", name, what,
			refusal.code == EOPNOTSUPP ? "the driver does not offer it"
						   : strerror(refusal.code),
			*refusal.words ? ": " : "", refusal.words,
			refusal.code == EPERM ? " (run as root)" : "");
}

static int find_index(const char *name, int *index, struct err *err)
{
	*index = (int)if_nametoindex(name);
	if (!*index)
		return err_set(err, ENODEV, "no network interface is named %s", name);
	return 0;
}

/* A change of the interface NAME, to which attributes are put. */
static int change_new(const struct host *host, const char *name, unsigned flags,
		unsigned flags_changed, struct nl_msg **change, struct err *err)
{
	struct ifinfomsg header = { .ifi_flags = flags, .ifi_change = flags_changed };
	int rc = host_is_live(host) ? find_index(name, &header.ifi_index, err) : 0;

	if (rc < 0)
		return rc;
	*change = nlmsg_alloc_simple(RTM_SETLINK, 0);
	if (!*change || nlmsg_append(*change, &header, sizeof(header), NLMSG_ALIGNTO) < 0)
		abort();
	return 0;
}

static void put(struct nl_msg *change, int attribute, const void *data, size_t size)
{
	if (nla_put(change, attribute, (int)size, data) < 0)
		abort(); /* out of memory: a message of ours never outgrows its page */
}

int netdev_set_up(const struct host *host, const char *name, bool up, struct err *err)
{
	CLEANUP(cleanup_message) struct nl_msg *change = NULL;
	int rc = change_new(host, name, up ? IFF_UP : 0, IFF_UP, &change, err);

	return rc < 0 ? rc : apply(host, change, err, up ? "bring it up" : "bring it down", name);
}

int netdev_set_mtu(const struct host *host, const char *name, uint32_t mtu, struct err *err)
{
	CLEANUP(cleanup_message) struct nl_msg *change = NULL;
	char what[40];
	int rc = change_new(host, name, 0, 0, &change, err);

	if (rc < 0)
		return rc;
	put(change, IFLA_MTU, &mtu, sizeof(mtu));
	snprintf(what, sizeof(what), "set MTU %u", mtu);
	return apply(host, change, err, what, name);
}

int netdev_set_mac(const struct host *host, const char *name, struct mac mac, struct err *err)
{
	CLEANUP(cleanup_message) struct nl_msg *change = NULL;
	char what[48], text[MAC_TEXT];
	int rc = change_new(host, name, 0, 0, &change, err);

	if (rc < 0)
		return rc;
	put(change, IFLA_ADDRESS, mac.octet, sizeof(mac.octet));
	snprintf(what, sizeof(what), "set MAC %s", mac_format(mac, text));
	return apply(host, change, err, what, name);
}

int netdev_move(const struct host *host, const char *name, int ns_fd, const char *new_name,
		struct err *err)
{
	CLEANUP(cleanup_message) struct nl_msg *change = NULL;
	int rc = change_new(host, name, 0, 0, &change, err);

	if (rc < 0)
		return rc;
	put(change, IFLA_NET_NS_FD, &ns_fd, sizeof(ns_fd));
	put(change, IFLA_IFNAME, new_name, strlen(new_name) + 1);
	return apply(host, change, err, "move it to another network namespace", name);
}

/* Changes the settings that are GIVEN of TO. */
static int set_some(const struct host *host, const char *pf, unsigned vf, unsigned given,
		const struct vf_settings *to, struct err *err)
{
	CLEANUP(cleanup_message) struct nl_msg *change = NULL;
	struct nlattr *list, *info;
	char what[64] = "", text[56], name[48], payload[VF_PAYLOAD_MOST];
	int rc = change_new(host, pf, 0, 0, &change, err);

	if (rc < 0)
		return rc;
	list = nla_nest_start(change, IFLA_VFINFO_LIST);
	info = nla_nest_start(change, IFLA_VF_INFO);
	if (!list || !info)
		abort();
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		if (!(given & setting->bit))
			continue;
		put(change, (int)setting->attribute, payload,
				vf_setting_put(setting, to, vf, payload));
		snprintf(what, sizeof(what), "set %s",
				vf_setting_full_text(setting, to, text, sizeof(text)));
	}
	nla_nest_end(change, info);
	nla_nest_end(change, list);
	snprintf(name, sizeof(name), "%s: VF %u", pf, vf);
	return apply(host, change, err, what, name);
}

int netdev_set_vf(const struct host *host, const char *pf, unsigned vf,
		const struct vf_settings *change, struct err *err)
{
	unsigned given = change->given;
	bool several = given & (given - 1);
	int rc = given ? set_some(host, pf, vf, given, change, several ? NULL : err) : 0;

	if (!several || !rc)
		return rc;
	/* Of several in one request, the kernel does not say which it refused. */
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		rc = given & setting->bit ? set_some(host, pf, vf, setting->bit, change, err) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A request for the interface NAME, or with NLM_F_DUMP for all interfaces. The statistics of VFs
 * are left out: some firmware takes long to count, and they make long lists longer. */
static struct nl_msg *link_request(const char *name, int flags, bool with_vfs)
{
	struct nl_msg *request = nlmsg_alloc_simple(RTM_GETLINK, flags);
	struct ifinfomsg header = { 0 };
	uint32_t wanted = (with_vfs ? RTEXT_FILTER_VF : 0) | RTEXT_FILTER_SKIP_STATS;

	if (!request || nlmsg_append(request, &header, sizeof(header), NLMSG_ALIGNTO) < 0)
		abort();
	if (!(flags & NLM_F_DUMP))
		put(request, IFLA_IFNAME, name, strlen(name) + 1);
	put(request, IFLA_EXT_MASK, &wanted, sizeof(wanted));
	return request;
}

/* One interface out of an answer. RC is -ENODEV until it was found. */
struct wanted_link {
	int index; /* 0: the first one */
	struct netdev *netdev;
	struct err *err;
	int rc;
};

static void take_link(const struct nlmsghdr *message, void *argument)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct wanted_link *link = argument;

	if (message->nlmsg_type == RTM_NEWLINK && link->rc == -ENODEV &&
			(!link->index || info->ifi_index == link->index))
		link->rc = link_message_decode(message, link->netdev, link->err);
}

static int ask(const struct host *host, const char *name, struct wanted_link *link, int flags,
		bool with_vfs, struct err *err)
{
	CLEANUP(cleanup_message) struct nl_msg *request = link_request(name, flags, with_vfs);
	struct rtnetlink_refusal refusal;
	int rc;

	link->rc = -ENODEV;
	link->err = err;
	netdev_free(link->netdev);
	rc = rtnetlink_ask(host, request, take_link, link, &refusal, err);
	if (rc < 0 && refusal.code)
		return err_set(err, refusal.code, "%s", strerror(refusal.code));
	return rc < 0 ? rc : link->rc;
}

/* The answer about one interface has a buffer that some kernels make too small for many VFs; a dump
 * has a larger one. */
static int read_with_vfs(
		const struct host *host, const char *name, struct netdev *netdev, struct err *err)
{
	struct wanted_link link = { .netdev = netdev };
	int rc = ask(host, name, &link, 0, true, err);

	if (rc != -EMSGSIZE)
		return rc;
	link.index = (int)if_nametoindex(name);
	*err = (struct err){ 0 };
	rc = ask(host, name, &link, NLM_F_DUMP, true, err);
	if (rc == -EAGAIN)
		return err_set(err, EMSGSIZE, "the list of interfaces changes while it is read");
	return rc;
}

static int read_link(
		const struct host *host, const char *name, struct netdev *netdev, struct err *err)
{
	struct wanted_link link = { .netdev = netdev };
	struct err cause = { 0 };
	int rc = read_with_vfs(host, name, netdev, &cause);

	if (rc == -EMSGSIZE) {
		struct err lost = cause;

		cause = (struct err){ 0 };
		rc = ask(host, name, &link, 0, false, &cause);
		snprintf(netdev->vfs_unread, sizeof(netdev->vfs_unread), "%.*s",
				(int)sizeof(netdev->vfs_unread) - 1, lost.msg);
	}
	if (!rc)
		return 0;
	netdev_free(netdev);
	if (rc == -ENODEV)
		return err_set(err, ENODEV, "no network interface is named %s", name);
	return err_set(err, -rc, "%s: cannot read the interface: %s", name, cause.msg);
}

int netdev_read(const struct host *host, const char *name, struct netdev *netdev, struct err *err)
{
	if (!host_is_live(host))
		return netdev_read_recorded(host, name, netdev, err);
	*netdev = (struct netdev){ 0 };
	if (!*name || strlen(name) >= IFNAMSIZ)
		return err_set(err, ENODEV, "no network interface is named %s", name);
	return read_link(host, name, netdev, err);
}

int netdev_of_altname(const struct host *host, const char *altname, char name[IFNAMSIZ])
{
	CLEANUP(cleanup_message) struct nl_msg *request = NULL;
	struct ifinfomsg header = { 0 };
	struct rtnetlink_refusal refusal;
	struct netdev netdev = { 0 };
	struct wanted_link link = { .netdev = &netdev, .rc = -ENODEV };

	if (!host_is_live(host) || !*altname || strlen(altname) >= PORT_NAME_ROOM)
		return -ENODEV;
	request = nlmsg_alloc_simple(RTM_GETLINK, 0);
	if (!request || nlmsg_append(request, &header, sizeof(header), NLMSG_ALIGNTO) < 0)
		abort();
	put(request, IFLA_ALT_IFNAME, altname, strlen(altname) + 1);
	if (rtnetlink_ask(host, request, take_link, &link, &refusal, NULL) < 0 || link.rc < 0)
		return -ENODEV;
	memcpy(name, netdev.name, IFNAMSIZ);
	netdev_free(&netdev);
	return *name ? 0 : -ENODEV;
}

const char *link_layer_name(enum link_layer layer)
{
	return layer == LAYER_INFINIBAND ? "infiniband" : "ethernet";
}

void netdev_free(struct netdev *netdev)
{
	free(netdev->vfs);
	netdev->vfs = NULL;
	netdev->vf_count = 0;
}

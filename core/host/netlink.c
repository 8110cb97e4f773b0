/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/netlink.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "host/netdev_recorded.h"

/*
 * Requests to rtnetlink, each on a socket of its own, so that the calling thread's network
 * namespace is the one that answers.
 *
 * libnl carries the messages; its link objects are not used. Version 3.7 sends the protocol of a
 * port VLAN in the wrong byte order (802.1ad is refused), sends a change again when the driver does
 * not have it, folds the kernel's errno and its text into a few codes, and asks for the statistics
 * of every VF.
 */

static void cleanup_socket(struct nl_sock **socket)
{
	nl_socket_free(*socket);
}

static void cleanup_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

static int connect_socket(const struct host *host, struct nl_sock **socket, struct err *err)
{
	CLEANUP(cleanup_socket) struct nl_sock *fresh = NULL;
	int on = 1, rc;

	if (!host_is_live(host))
		return err_set(err, EOPNOTSUPP,
				"%s is a recorded tree: interfaces can be changed on the running "
				"machine only",
				host_root(host));
	fresh = nl_socket_alloc();
	if (!fresh)
		abort();
	rc = nl_connect(fresh, NETLINK_ROUTE);
	if (rc < 0)
		return err_set(err, EIO, "cannot connect to rtnetlink: %s", nl_geterror(rc));
	/* The kernel's own words for a refusal, and no echo of the request before them. Old kernels
	 * have neither; then there are no words. */
	setsockopt(nl_socket_get_fd(fresh), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(fresh), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	*socket = TAKE(fresh);
	return 0;
}

/* The kernel's answer to a change. */
struct answer {
	int code; /* errno, 0: done */
	char words[160];
};

static int take_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *argument)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)((char *)error - NLMSG_HDRLEN);
	struct answer *answer = argument;
	size_t used = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(*error));
	struct nlattr *words;

	(void)from;
	answer->code = -error->error;
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		used += NLMSG_ALIGN(error->msg.nlmsg_len - NLMSG_HDRLEN);
	if (used > header->nlmsg_len)
		return NL_STOP;
	words = nla_find((struct nlattr *)((char *)header + used), (int)(header->nlmsg_len - used),
			NLMSGERR_ATTR_MSG);
	if (words)
		nla_strlcpy(answer->words, words, sizeof(answer->words));
	return NL_STOP;
}

/* Sends CHANGE, waits for the answer and reports a refusal as "cannot WHAT of NAME: ...". */
static int apply(const struct host *host, struct nl_msg *change, struct err *err, const char *what,
		const char *name)
{
	CLEANUP(cleanup_socket) struct nl_sock *socket = NULL;
	struct answer answer = { 0 };
	struct nl_cb *callbacks;
	int64_t start;
	int rc = connect_socket(host, &socket, err);

	if (rc < 0)
		return rc;
	callbacks = nl_socket_get_cb(socket);
	nl_cb_err(callbacks, NL_CB_CUSTOM, take_error, &answer);
	nl_cb_put(callbacks);
	start = clock_us();
	rc = nl_send_auto(socket, change);
	if (rc >= 0)
		rc = nl_wait_for_ack(socket);
	host_waited(host, start);
	if (rc < 0 && !answer.code)
		return err_set(err, EIO, "%s: cannot %s: %s", name, what, nl_geterror(rc));
	if (!answer.code)
		return 0;
	return err_set(err, answer.code, "%s: cannot %s: %s%s%s%s", name, what,
			answer.code == EOPNOTSUPP ? "the driver does not offer it"
						  : strerror(answer.code),
			*answer.words ? ": " : "", answer.words,
			answer.code == EPERM ? " (run as root)" : "");
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

/* One VF_INFO. Its number is in each of its attributes, first in its address. */
static void read_vf(struct nlattr *info, struct netdev *netdev)
{
	struct nlattr *found[IFLA_VF_MAX + 1];
	struct ifla_vf_mac mac;

	if (nla_parse_nested(found, IFLA_VF_MAX, info, NULL) < 0 || !found[IFLA_VF_MAC] ||
			nla_len(found[IFLA_VF_MAC]) < (int)sizeof(mac))
		return;
	nla_memcpy(&mac, found[IFLA_VF_MAC], sizeof(mac));
	if (mac.vf >= netdev->vf_count)
		return;
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		const struct nlattr *attribute = found[setting->attribute];

		if (attribute)
			vf_setting_get(setting, &netdev->vfs[mac.vf], nla_data(attribute),
					(size_t)nla_len(attribute));
	}
}

static void read_vfs(struct nlattr *count, struct nlattr *list, struct netdev *netdev)
{
	struct nlattr *info;
	int left;

	if (!count || !list || !nla_get_u32(count))
		return;
	netdev->vf_count = nla_get_u32(count);
	netdev->vfs = calloc(netdev->vf_count, sizeof(*netdev->vfs));
	if (!netdev->vfs)
		abort();
	nla_for_each_nested(info, list, left) read_vf(info, netdev);
}

static uint32_t number_of(struct nlattr *attribute)
{
	return attribute ? nla_get_u32(attribute) : 0;
}

/* The kernel's answer about an interface. */
static int take_link(struct nl_msg *message, void *argument)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *found[IFLA_MAX + 1];
	struct netdev *netdev = argument;

	if (header->nlmsg_type != RTM_NEWLINK || netdev->index ||
			nlmsg_parse(header, sizeof(*info), found, IFLA_MAX, NULL) < 0)
		return NL_OK;
	netdev->index = info->ifi_index;
	netdev->up = info->ifi_flags & IFF_UP;
	netdev->carrier = netdev->up && found[IFLA_CARRIER] && nla_get_u8(found[IFLA_CARRIER]);
	netdev->promiscuous =
			info->ifi_flags & IFF_PROMISC || number_of(found[IFLA_PROMISCUITY]) > 0;
	netdev->allmulti = info->ifi_flags & IFF_ALLMULTI;
	netdev->mtu = number_of(found[IFLA_MTU]);
	netdev->master = (int)number_of(found[IFLA_MASTER]);
	if (found[IFLA_IFNAME])
		nla_strlcpy(netdev->name, found[IFLA_IFNAME], sizeof(netdev->name));
	if (found[IFLA_ADDRESS] && nla_len(found[IFLA_ADDRESS]) == sizeof(netdev->mac.octet))
		nla_memcpy(netdev->mac.octet, found[IFLA_ADDRESS], sizeof(netdev->mac.octet));
	read_vfs(found[IFLA_NUM_VF], found[IFLA_VFINFO_LIST], netdev);
	return NL_OK;
}

/* Asks for the VFs, without their statistics: some firmware takes long to count, and with more than
 * 220 VFs a list with them outgrows its 16-bit length. */
static int ask_for_link(struct nl_sock *socket, const char *name)
{
	CLEANUP(cleanup_message) struct nl_msg *request = nlmsg_alloc_simple(RTM_GETLINK, 0);
	struct ifinfomsg header = { 0 };
	uint32_t wanted = RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS;

	if (!request || nlmsg_append(request, &header, sizeof(header), NLMSG_ALIGNTO) < 0)
		abort();
	put(request, IFLA_IFNAME, name, strlen(name) + 1);
	put(request, IFLA_EXT_MASK, &wanted, sizeof(wanted));
	return nl_send_auto(socket, request);
}

static int read_link(
		const struct host *host, const char *name, struct netdev *netdev, struct err *err)
{
	CLEANUP(cleanup_socket) struct nl_sock *socket = NULL;
	struct answer answer = { 0 };
	struct nl_cb *callbacks;
	int rc = connect_socket(host, &socket, err);

	if (rc < 0)
		return rc;
	callbacks = nl_socket_get_cb(socket);
	nl_cb_err(callbacks, NL_CB_CUSTOM, take_error, &answer);
	nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, take_link, netdev);
	nl_cb_put(callbacks);
	nl_socket_disable_auto_ack(socket);
	rc = ask_for_link(socket, name);
	if (rc >= 0)
		rc = nl_recvmsgs_default(socket);
	if (netdev->index)
		return 0;
	if (answer.code == ENODEV)
		return err_set(err, ENODEV, "no network interface is named %s", name);
	return err_set(err, EIO, "%s: cannot read the interface: %s", name,
			answer.code ? strerror(answer.code) : nl_geterror(rc));
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

void netdev_free(struct netdev *netdev)
{
	free(netdev->vfs);
	netdev->vfs = NULL;
	netdev->vf_count = 0;
}

static int count_addresses(struct nl_sock *socket, int index, unsigned *addresses)
{
	struct nl_cache *cache;
	int rc = rtnl_addr_alloc_cache(socket, &cache);

	if (rc < 0)
		return rc;
	for (struct nl_object *at = nl_cache_get_first(cache); at; at = nl_cache_get_next(at)) {
		struct rtnl_addr *address = (struct rtnl_addr *)at;

		if (rtnl_addr_get_ifindex(address) == index &&
				rtnl_addr_get_scope(address) != RT_SCOPE_LINK)
			++*addresses;
	}
	nl_cache_free(cache);
	return 0;
}

/* sysfs links every device of this network namespace that stands on another: "upper_br0". */
static void find_upper(const struct host *host, const char *name, char *upper, size_t size)
{
	char path[64], **names;
	size_t count;

	snprintf(path, sizeof(path), "sys/class/net/%.20s", name);
	if (host_names(host, path, &names, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count && !*upper; i++) {
		if (!strncmp(names[i], "upper_", 6))
			snprintf(upper, size, "%s", names[i] + 6);
	}
	host_names_free(names, count);
}

int netdev_uses(const struct host *host, const char *name, unsigned *addresses, char *upper,
		size_t size, struct err *err)
{
	CLEANUP(cleanup_socket) struct nl_sock *socket = NULL;
	int rc, index;

	*addresses = 0;
	*upper = '\0';
	find_upper(host, name, upper, size);
	if (!host_is_live(host))
		return 0;
	rc = find_index(name, &index, err);
	if (!rc)
		rc = connect_socket(host, &socket, err);
	if (rc < 0)
		return rc;
	rc = count_addresses(socket, index, addresses);
	if (rc < 0)
		return err_set(err, EIO, "%s: cannot read its addresses: %s", name,
				nl_geterror(rc));
	return 0;
}

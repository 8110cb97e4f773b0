/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/netlink.h"

#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/sriov.h>
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
 * Reading goes through libnl's link objects. Changes are messages of our own, because libnl 3.7
 * sends the protocol of a port VLAN in the wrong byte order (802.1ad is refused), sends a change
 * again when the driver does not have it, and folds the kernel's errno and its text into a few
 * codes.
 */

static void cleanup_socket(struct nl_sock **socket)
{
	nl_socket_free(*socket);
}

static void cleanup_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

static void cleanup_link(struct rtnl_link **link)
{
	rtnl_link_put(*link);
}

static int connect_socket(const struct host *host, struct nl_sock **socket, struct err *err)
{
	CLEANUP(cleanup_socket) struct nl_sock *fresh = NULL;
	int on = 1, rc;

	if (!host->live)
		return err_set(err, EOPNOTSUPP,
				"%s is a recorded tree: interfaces can be changed on the running "
				"machine only",
				host->root);
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

/* Sends CHANGE, waits for the answer and tells a refusal as "cannot WHAT of NAME: ...". */
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

/* A change of the interface NAME, to which attributes are put. */
static int change_new(const struct host *host, const char *name, unsigned flags,
		unsigned flags_changed, struct nl_msg **change, struct err *err)
{
	struct ifinfomsg header = { .ifi_flags = flags, .ifi_change = flags_changed };

	header.ifi_index = host->live ? (int)if_nametoindex(name) : 0;
	if (host->live && !header.ifi_index)
		return err_set(err, ENODEV, "no network interface is named %s", name);
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

static void put_vlan(struct nl_msg *change, unsigned vf, const struct vf_settings *to)
{
	struct ifla_vf_vlan_info vlan = { .vf = vf,
		.vlan = to->vlan,
		.qos = to->qos,
		.vlan_proto = htons(to->proto ? to->proto : ETH_P_8021Q) };
	struct nlattr *list = nla_nest_start(change, IFLA_VF_VLAN_LIST);

	if (!list)
		abort();
	put(change, IFLA_VF_VLAN_INFO, &vlan, sizeof(vlan));
	nla_nest_end(change, list);
}

/* Puts one setting, and says in WHAT, of SIZE, which. */
static void put_setting(struct nl_msg *change, unsigned vf, enum vf_setting_bit setting,
		const struct vf_settings *to, char *what, size_t size)
{
	static const char *const links[] = { "auto", "enable", "disable" };
	struct ifla_vf_mac mac = { .vf = vf };
	struct ifla_vf_rate rate = { vf, to->min_rate, to->max_rate };
	struct ifla_vf_spoofchk spoofchk = { vf, to->spoofchk };
	struct ifla_vf_trust trust = { vf, to->trust };
	struct ifla_vf_link_state link = { vf, to->link };
	char text[MAC_TEXT];

	switch (setting) {
	case VF_MAC:
		memcpy(mac.mac, to->mac.octet, sizeof(to->mac.octet));
		put(change, IFLA_VF_MAC, &mac, sizeof(mac));
		snprintf(what, size, "set MAC %s", mac_format(to->mac, text));
		break;
	case VF_VLAN:
		put_vlan(change, vf, to);
		snprintf(what, size, "set VLAN %u, qos %u, protocol %s", to->vlan, to->qos,
				to->proto == ETH_P_8021AD ? "802.1ad" : "802.1Q");
		break;
	case VF_RATE:
		put(change, IFLA_VF_RATE, &rate, sizeof(rate));
		snprintf(what, size, "set rates %u to %u Mbit/s", to->min_rate, to->max_rate);
		break;
	case VF_SPOOFCHK:
		put(change, IFLA_VF_SPOOFCHK, &spoofchk, sizeof(spoofchk));
		snprintf(what, size, "set spoof check %s", to->spoofchk ? "on" : "off");
		break;
	case VF_LINK:
		put(change, IFLA_VF_LINK_STATE, &link, sizeof(link));
		snprintf(what, size, "set link state %s", links[to->link]);
		break;
	case VF_TRUST:
		put(change, IFLA_VF_TRUST, &trust, sizeof(trust));
		snprintf(what, size, "set trust %s", to->trust ? "on" : "off");
		break;
	}
}

/* The order in which the kernel takes the settings of one request. */
static const enum vf_setting_bit set_order[] = { VF_MAC, VF_VLAN, VF_RATE, VF_SPOOFCHK, VF_LINK,
	VF_TRUST };

enum { SET_COUNT = sizeof(set_order) / sizeof(*set_order) };

static int set_some(const struct host *host, const char *pf, unsigned vf, unsigned settings,
		const struct vf_settings *to, struct err *err)
{
	CLEANUP(cleanup_message) struct nl_msg *change = NULL;
	struct nlattr *list, *info;
	char what[64], name[48];
	int rc = change_new(host, pf, 0, 0, &change, err);

	if (rc < 0)
		return rc;
	list = nla_nest_start(change, IFLA_VFINFO_LIST);
	info = nla_nest_start(change, IFLA_VF_INFO);
	if (!list || !info)
		abort();
	for (int i = 0; i < SET_COUNT; i++) {
		if (settings & set_order[i])
			put_setting(change, vf, set_order[i], to, what, sizeof(what));
	}
	nla_nest_end(change, info);
	nla_nest_end(change, list);
	snprintf(name, sizeof(name), "%s: VF %u", pf, vf);
	return apply(host, change, err, what, name);
}

int netdev_set_vf(const struct host *host, const char *pf, unsigned vf,
		const struct vf_settings *change, struct err *err)
{
	unsigned settings = change->given;
	bool several = settings & (settings - 1);
	int rc = settings ? set_some(host, pf, vf, settings, change, several ? NULL : err) : 0;

	/* Of several in one request, the kernel does not tell which it refused. */
	for (int i = 0; i < SET_COUNT && several && rc < 0; i++) {
		int again = settings & set_order[i]
				? set_some(host, pf, vf, set_order[i], change, err)
				: 0;

		if (again < 0)
			return again;
	}
	return several ? 0 : rc;
}

static void read_vlan(struct rtnl_link_vf *from, struct vf_settings *settings)
{
	nl_vf_vlans_t *vlans;

	if (rtnl_link_vf_get_vlans(from, &vlans) < 0)
		return;
	settings->given |= VF_VLAN;
	if (vlans->size > 0 && (vlans->vlans[0].vf_vlan || vlans->vlans[0].vf_vlan_qos)) {
		settings->vlan = (uint16_t)vlans->vlans[0].vf_vlan;
		settings->qos = (uint8_t)vlans->vlans[0].vf_vlan_qos;
		settings->proto = settings->vlan ? vlans->vlans[0].vf_vlan_proto : 0;
	}
	rtnl_link_vf_vlan_put(vlans);
}

/* The kernel reports rates for every driver with VF settings; where libnl gives none they are 0. */
static void read_rate(struct rtnl_link_vf *from, struct vf_settings *settings)
{
	struct nl_vf_rate rate;

	settings->given |= VF_RATE;
	if (rtnl_link_vf_get_rate(from, &rate) < 0)
		return;
	settings->min_rate = rate.min_tx_rate;
	settings->max_rate = rate.api == RTNL_LINK_VF_RATE_API_OLD ? rate.rate : rate.max_tx_rate;
}

static void read_settings(struct rtnl_link_vf *from, struct vf_settings *settings)
{
	struct nl_addr *address;
	uint32_t value;

	if (!rtnl_link_vf_get_addr(from, &address) && nl_addr_get_len(address) == 6) {
		memcpy(settings->mac.octet, nl_addr_get_binary_addr(address), 6);
		settings->given |= VF_MAC;
	}
	read_vlan(from, settings);
	read_rate(from, settings);
	if (!rtnl_link_vf_get_spoofchk(from, &value)) {
		settings->spoofchk = value;
		settings->given |= VF_SPOOFCHK;
	}
	if (!rtnl_link_vf_get_trust(from, &value)) {
		settings->trust = value;
		settings->given |= VF_TRUST;
	}
	if (!rtnl_link_vf_get_linkstate(from, &value) && value <= VF_LINK_DISABLE) {
		settings->link = (enum vf_link_state)value;
		settings->given |= VF_LINK;
	}
}

/* libnl's lookup by index must not be asked where the driver reports no VFs at all. */
static void read_vfs(struct rtnl_link *link, struct netdev *netdev)
{
	uint32_t count;

	if (rtnl_link_get_num_vf(link, &count) < 0 || !count || !rtnl_link_has_vf_list(link))
		return;
	netdev->vfs = calloc(count, sizeof(*netdev->vfs));
	if (!netdev->vfs)
		abort();
	netdev->vf_count = count;
	for (uint32_t i = 0; i < count; i++) {
		struct rtnl_link_vf *from = rtnl_link_vf_get(link, i);

		if (!from)
			continue;
		read_settings(from, &netdev->vfs[i]);
		rtnl_link_vf_put(from);
	}
}

static int get_link(
		struct nl_sock *socket, const char *name, struct rtnl_link **link, struct err *err)
{
	int rc = *name && strlen(name) < IFNAMSIZ ? rtnl_link_get_kernel(socket, 0, name, link)
						  : -NLE_NODEV;

	if (rc == -NLE_NODEV || rc == -NLE_OBJ_NOTFOUND)
		return err_set(err, ENODEV, "no network interface is named %s", name);
	if (rc < 0)
		return err_set(err, EIO, "%s: cannot read the interface: %s", name,
				nl_geterror(rc));
	return 0;
}

int netdev_read(const struct host *host, const char *name, struct netdev *netdev, struct err *err)
{
	CLEANUP(cleanup_socket) struct nl_sock *socket = NULL;
	CLEANUP(cleanup_link) struct rtnl_link *link = NULL;
	struct nl_addr *address;
	unsigned flags;
	int rc;

	if (!host->live)
		return netdev_read_recorded(host, name, netdev, err);
	*netdev = (struct netdev){ 0 };
	rc = connect_socket(host, &socket, err);
	if (!rc)
		rc = get_link(socket, name, &link, err);
	if (rc < 0)
		return rc;
	flags = rtnl_link_get_flags(link);
	address = rtnl_link_get_addr(link);
	netdev->index = rtnl_link_get_ifindex(link);
	snprintf(netdev->name, sizeof(netdev->name), "%s", rtnl_link_get_name(link));
	if (address && nl_addr_get_len(address) == 6)
		memcpy(netdev->mac.octet, nl_addr_get_binary_addr(address), 6);
	netdev->mtu = rtnl_link_get_mtu(link);
	netdev->up = flags & IFF_UP;
	netdev->carrier = netdev->up && rtnl_link_get_carrier(link);
	netdev->promiscuous = flags & IFF_PROMISC || rtnl_link_get_promiscuity(link) > 0;
	netdev->allmulti = flags & IFF_ALLMULTI;
	netdev->master = rtnl_link_get_master(link);
	read_vfs(link, netdev);
	return 0;
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
	CLEANUP(cleanup_link) struct rtnl_link *link = NULL;
	int rc;

	*addresses = 0;
	*upper = '\0';
	find_upper(host, name, upper, size);
	if (!host->live)
		return 0;
	rc = connect_socket(host, &socket, err);
	if (!rc)
		rc = get_link(socket, name, &link, err);
	if (rc < 0)
		return rc;
	rc = count_addresses(socket, rtnl_link_get_ifindex(link), addresses);
	if (rc < 0)
		return err_set(err, EIO, "%s: cannot read its addresses: %s", name,
				nl_geterror(rc));
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fake_rtnetlink.h"

#include <err.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "netdev/rtnetlink.h"

static struct fake_rtnetlink own, *kernel = &own;

struct fake_rtnetlink *fake_rtnetlink_new(const char *name, unsigned vf_count)
{
	if (vf_count > FAKE_VFS_MOST)
		errx(1, "more than %d VFs", FAKE_VFS_MOST);
	*kernel = (struct fake_rtnetlink){ .name = name, .up = true, .vf_count = vf_count };
	for (unsigned i = 0; i < vf_count; i++)
		kernel->vfs[i].proto = 0x8100;
	return kernel;
}

void fake_rtnetlink_use(struct fake_rtnetlink *other)
{
	kernel = other;
}

struct fake_rtnetlink *fake_rtnetlink_now(void)
{
	return kernel;
}

/* A message that grows. */
struct message {
	char *bytes;
	size_t length, room;
};

static void append(struct message *message, const void *data, size_t size)
{
	size_t padded = NLA_ALIGN(size);

	while (message->length + padded > message->room) {
		message->room = 2 * message->room + 4096;
		message->bytes = realloc(message->bytes, message->room);
		if (!message->bytes)
			abort();
	}
	memset(message->bytes + message->length, 0, padded);
	if (size)
		memcpy(message->bytes + message->length, data, size);
	message->length += padded;
}

static void attribute(struct message *message, int type, const void *data, size_t size)
{
	struct nlattr header = { .nla_len = (uint16_t)(NLA_HDRLEN + size),
		.nla_type = (uint16_t)type };

	append(message, &header, sizeof(header));
	append(message, data, size);
}

static size_t nest_start(struct message *message, int type)
{
	size_t start = message->length;

	attribute(message, type, NULL, 0);
	return start;
}

/* As the kernel does it: the length has 16 bits. */
static void nest_end(struct message *message, size_t start)
{
	struct nlattr header;

	memcpy(&header, message->bytes + start, sizeof(header));
	header.nla_len = (uint16_t)(message->length - start);
	memcpy(message->bytes + start, &header, sizeof(header));
}

static const unsigned char ipoib_address[20] = { 0, 0, 16, 41, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0,
	0x5e, 0, 0, 0, 0, 0xa1 };

static bool is_guid(unsigned attribute)
{
	return attribute == IFLA_VF_IB_NODE_GUID || attribute == IFLA_VF_IB_PORT_GUID;
}

static bool is_offered(unsigned attribute)
{
	return kernel->infiniband ? is_guid(attribute) || attribute == IFLA_VF_LINK_STATE
				  : !is_guid(attribute);
}

/* IPoIB reports the address of the PF for that of a VF, and zeros for all that it does not offer. */
static struct vf_settings reported_settings(unsigned vf)
{
	const struct vf_settings *settings = &kernel->vfs[vf];

	if (!kernel->infiniband)
		return *settings;
	return (struct vf_settings){ .link = settings->link,
		.node_guid = settings->node_guid,
		.port_guid = settings->port_guid };
}

static void append_vf(struct message *message, unsigned vf)
{
	struct vf_settings settings = reported_settings(vf);
	size_t info = nest_start(message, IFLA_VF_INFO);
	char payload[VF_PAYLOAD_MOST], broadcast[32] = { 0 };

	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		size_t size = vf_setting_put(setting, &settings, vf, payload);

		if (is_guid(setting->attribute) && !kernel->infiniband)
			continue;
		if (setting->attribute == IFLA_VF_MAC && kernel->infiniband)
			memcpy(payload + sizeof(uint32_t), ipoib_address, sizeof(ipoib_address));
		attribute(message, setting->attribute, payload, size);
		if (setting->attribute == IFLA_VF_MAC)
			attribute(message, IFLA_VF_BROADCAST, broadcast, sizeof(broadcast));
	}
	nest_end(message, info);
}

static void append_vfs(struct message *message)
{
	size_t list, missing;

	attribute(message, IFLA_NUM_VF, &kernel->vf_count, sizeof(kernel->vf_count));
	if (!kernel->vf_count)
		return;
	list = nest_start(message, IFLA_VFINFO_LIST);
	missing = message->length;
	for (unsigned i = 0; i < kernel->vf_count; i++) {
		missing = message->length;
		if (!kernel->reports_no_vf_5 || i != 5)
			append_vf(message, i);
	}
	nest_end(message, list);
	if (kernel->cuts_off)
		message->length = missing;
}

struct nlmsghdr *fake_rtnetlink_link(bool with_vfs)
{
	struct nlmsghdr header = { .nlmsg_type = RTM_NEWLINK };
	struct ifinfomsg info = { .ifi_type = kernel->infiniband ? ARPHRD_INFINIBAND : ARPHRD_ETHER,
		.ifi_index = FAKE_INDEX,
		.ifi_flags = kernel->up ? IFF_UP | IFF_RUNNING : 0 };
	unsigned char mac[6] = { 2, 0, 0, 0, 0, 1 }, carrier = 1;
	uint32_t mtu = 1500, group = 0;
	struct message message = { 0 };

	append(&message, &header, sizeof(header));
	append(&message, &info, sizeof(info));
	attribute(&message, IFLA_IFNAME, kernel->name, strlen(kernel->name) + 1);
	attribute(&message, IFLA_MTU, &mtu, sizeof(mtu));
	attribute(&message, IFLA_CARRIER, &carrier, sizeof(carrier));
	if (kernel->infiniband)
		attribute(&message, IFLA_ADDRESS, ipoib_address, sizeof(ipoib_address));
	else
		attribute(&message, IFLA_ADDRESS, mac, sizeof(mac));
	if (with_vfs)
		append_vfs(&message);
	attribute(&message, IFLA_GROUP, &group, sizeof(group));
	header.nlmsg_len = (uint32_t)message.length;
	memcpy(message.bytes, &header, sizeof(header));
	return (struct nlmsghdr *)message.bytes;
}

bool __wrap_host_is_live(const struct host *host);
unsigned __wrap_if_nametoindex(const char *name);
int __wrap_rtnetlink_ask(const struct host *host, struct nl_msg *request, rtnetlink_take_fn *take,
		void *argument, struct rtnetlink_refusal *refusal, struct err *err);
int __wrap_rtnetlink_change(const struct host *host, struct nl_msg *change,
		struct rtnetlink_refusal *refusal, struct err *err);

bool __wrap_host_is_live(const struct host *host)
{
	(void)host;
	return true;
}

unsigned __wrap_if_nametoindex(const char *name)
{
	return strcmp(name, kernel->name) ? 0 : FAKE_INDEX;
}

static int refuse_with(int code, struct rtnetlink_refusal *refusal)
{
	*refusal = (struct rtnetlink_refusal){ .code = code };
	return -code;
}

static bool is_named(struct nlattr *attribute, const char *name)
{
	return attribute && name && !strcmp(nla_get_string(attribute), name);
}

/* As br_fdb_dump() does. */
static int tell_neighbours(rtnetlink_take_fn *take, void *argument)
{
	for (size_t i = 0; i < FAKE_NEIGHBOURS; i++) {
		const struct fake_neighbour *neighbour = &kernel->neighbours[i];
		struct ndmsg header = { .ndm_family = AF_BRIDGE,
			.ndm_ifindex = neighbour->port,
			.ndm_state = neighbour->state };
		struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWNEIGH, 0);

		if (!message || nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) < 0 ||
				nla_put(message, NDA_LLADDR, 6, neighbour->mac.octet) < 0)
			abort();
		if (neighbour->vlan && nla_put_u16(message, NDA_VLAN, neighbour->vlan) < 0)
			abort();
		if (neighbour->port)
			take(nlmsg_hdr(message), argument);
		nlmsg_free(message);
	}
	return 0;
}

static int forget_neighbour(struct nlmsghdr *request, struct rtnetlink_refusal *refusal)
{
	const struct ndmsg *header = nlmsg_data(request);
	struct nlattr *found[NDA_MAX + 1] = { 0 };

	if (nlmsg_parse(request, sizeof(*header), found, NDA_MAX, NULL) < 0 || !found[NDA_LLADDR] ||
			header->ndm_family != AF_BRIDGE || header->ndm_flags != NTF_MASTER)
		errx(1, "an entry of a bridge that the fake kernel does not understand");
	for (size_t i = 0; i < FAKE_NEIGHBOURS; i++) {
		struct fake_neighbour *neighbour = &kernel->neighbours[i];
		uint16_t vlan = found[NDA_VLAN] ? nla_get_u16(found[NDA_VLAN]) : 0;

		if (neighbour->port != header->ndm_ifindex || neighbour->vlan != vlan ||
				memcmp(neighbour->mac.octet, nla_data(found[NDA_LLADDR]), 6) != 0)
			continue;
		neighbour->port = 0;
		return 0;
	}
	return refuse_with(ENOENT, refusal);
}

int __wrap_rtnetlink_ask(const struct host *host, struct nl_msg *request, rtnetlink_take_fn *take,
		void *argument, struct rtnetlink_refusal *refusal, struct err *err)
{
	const struct nlmsghdr *header = nlmsg_hdr(request);
	bool dump = (header->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	struct nlattr *found[IFLA_MAX + 1] = { 0 };
	struct nlmsghdr *answer;
	bool with_vfs;

	(void)host;
	(void)err;
	*refusal = (struct rtnetlink_refusal){ 0 };
	if (header->nlmsg_type == RTM_GETADDR)
		return 0;
	if (header->nlmsg_type == RTM_GETNEIGH)
		return tell_neighbours(take, argument);
	if (header->nlmsg_type != RTM_GETLINK ||
			nlmsg_parse((struct nlmsghdr *)header, sizeof(struct ifinfomsg), found,
					IFLA_MAX, NULL) < 0)
		errx(1, "a request of type %d that the fake kernel does not know",
				header->nlmsg_type);
	with_vfs = found[IFLA_EXT_MASK] && nla_get_u32(found[IFLA_EXT_MASK]) & RTEXT_FILTER_VF;
	kernel->asked++;
	kernel->dumped += dump;
	if (!dump && !is_named(found[IFLA_IFNAME], kernel->name) &&
			!is_named(found[IFLA_ALT_IFNAME], kernel->altname))
		return refuse_with(ENODEV, refusal);
	if (with_vfs && (dump ? kernel->refuses_all : kernel->refuses_one))
		return refuse_with(EMSGSIZE, refusal);
	answer = fake_rtnetlink_link(with_vfs);
	take(answer, argument);
	free(answer);
	if (!dump || !kernel->interrupts)
		return 0;
	kernel->interrupts--;
	return -EAGAIN;
}

static int change_vf(struct nlattr *info)
{
	struct nlattr *at;
	int left;

	nla_for_each_nested(at, info, left)
	{
		uint32_t vf;

		/* Each begins with the VF's number, but for the list of VLANs, whose first does. */
		memcpy(&vf,
				(char *)nla_data(at) +
						(nla_type(at) == IFLA_VF_VLAN_LIST ? NLA_HDRLEN
										   : 0),
				sizeof(vf));
		if (vf >= kernel->vf_count)
			return EINVAL;
		if (!is_offered((unsigned)nla_type(at)))
			return EOPNOTSUPP;
		for (const struct vf_setting *setting = vf_setting_table; setting->name;
				setting++) {
			if ((int)setting->attribute == nla_type(at))
				vf_setting_get(setting, &kernel->vfs[vf], nla_data(at),
						(size_t)nla_len(at));
		}
	}
	return 0;
}

int __wrap_rtnetlink_change(const struct host *host, struct nl_msg *change,
		struct rtnetlink_refusal *refusal, struct err *err)
{
	struct nlmsghdr *header = nlmsg_hdr(change);
	const struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *found[IFLA_MAX + 1] = { 0 }, *at;
	int left, code = 0;

	(void)host;
	(void)err;
	*refusal = (struct rtnetlink_refusal){ 0 };
	if (kernel->before_change)
		code = kernel->before_change();
	if (code)
		return refuse_with(code, refusal);
	if (header->nlmsg_type == RTM_DELNEIGH)
		return forget_neighbour(header, refusal);
	if (header->nlmsg_type != RTM_SETLINK || info->ifi_index != FAKE_INDEX ||
			nlmsg_parse(header, sizeof(*info), found, IFLA_MAX, NULL) < 0)
		errx(1, "a change that the fake kernel does not know");
	if (info->ifi_change & IFF_UP)
		kernel->up = info->ifi_flags & IFF_UP;
	if (found[IFLA_VFINFO_LIST]) {
		nla_for_each_nested(at, found[IFLA_VFINFO_LIST], left) code =
				code ? code : change_vf(at);
	}
	return code ? refuse_with(code, refusal) : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/link_message.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/*
 * The attributes are walked here rather than by libnl, which trusts their 16-bit length.
 */

/* More VFs than PCI can address below one PF; a larger number is no count. */
enum { VFS_MOST = 1 << 16 };

struct attribute {
	unsigned type;
	const char *data;
	size_t length;
};

/* Takes the attribute at *AT and moves *AT behind it. False: there is none, or it is malformed. */
static bool next_attribute(const char **at, const char *end, struct attribute *attribute)
{
	struct nlattr header;
	size_t left = (size_t)(end - *at), step;

	if (left < NLA_HDRLEN)
		return false;
	memcpy(&header, *at, sizeof(header));
	if (header.nla_len < NLA_HDRLEN || header.nla_len > left)
		return false;
	*attribute = (struct attribute){ header.nla_type & NLA_TYPE_MASK, *at + NLA_HDRLEN,
		header.nla_len - (size_t)NLA_HDRLEN };
	step = NLA_ALIGN(header.nla_len);
	*at += step < left ? step : left;
	return true;
}

static uint32_t number_of(const struct attribute *attribute)
{
	uint32_t number = 0;

	if (attribute->length == 1)
		return *(const uint8_t *)attribute->data;
	if (attribute->length >= sizeof(number))
		memcpy(&number, attribute->data, sizeof(number));
	return number;
}

/* For a setting that IPoIB lacks, the kernel reports 0, and as the MAC of a VF the address of the PF
 * (Linux 6.12, mlx5_ib_get_vf_config() and ipoib_get_vf_config()). */
static void read_setting(const struct attribute *attribute, enum link_layer layer,
		struct vf_settings *settings)
{
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		if ((unsigned)setting->attribute == attribute->type && setting->layers & layer)
			vf_setting_get(setting, settings, attribute->data, attribute->length);
	}
}

/* Settings of one VF. Its number is in each of its attributes, first in its MAC. */
static bool read_vf(const struct attribute *info, struct netdev *netdev, bool *seen)
{
	const char *at = info->data, *end = at + info->length;
	struct vf_settings *settings = NULL;
	struct attribute attribute;

	while (next_attribute(&at, end, &attribute)) {
		if (attribute.type == IFLA_VF_MAC &&
				attribute.length >= sizeof(struct ifla_vf_mac)) {
			uint32_t vf = number_of(&attribute);

			if (vf >= netdev->vf_count || seen[vf])
				return false;
			seen[vf] = true;
			settings = &netdev->vfs[vf];
		}
		if (settings)
			read_setting(&attribute, netdev->layer, settings);
	}
	return settings != NULL;
}

/* Reads the list whose attribute begins at LIST, and returns its end: where its length says, or a
 * multiple of 64 KiB later. NULL: neither is so. A driver may fail to report a VF, which the kernel
 * then leaves out. */
static const char *read_list(const char *list, const char *end, struct netdev *netdev)
{
	bool *seen = calloc(netdev->vf_count, sizeof(*seen));
	const char *at = list + NLA_HDRLEN, *behind = at;
	struct attribute info;
	struct nlattr header;

	if (!seen)
		abort();
	memcpy(&header, list, sizeof(header));
	while (next_attribute(&behind, end, &info) && info.type == IFLA_VF_INFO &&
			read_vf(&info, netdev, seen))
		at = behind;
	free(seen);
	return (uint16_t)(at - list) == header.nla_len ? at : NULL;
}

static void take_address(const struct attribute *attribute, struct netdev *netdev)
{
	size_t used = 0;

	*netdev->address = '\0';
	for (size_t i = 0; i < attribute->length && used + 3 <= sizeof(netdev->address); i++)
		used += (size_t)snprintf(netdev->address + used, sizeof(netdev->address) - used,
				"%s%02x", i ? ":" : "", (uint8_t)attribute->data[i]);
	if (attribute->length == sizeof(netdev->mac.octet))
		memcpy(netdev->mac.octet, attribute->data, attribute->length);
}

static void take_attribute(const struct attribute *attribute, struct netdev *netdev)
{
	switch (attribute->type) {
	case IFLA_IFNAME:
		if (attribute->length)
			snprintf(netdev->name, sizeof(netdev->name), "%.*s", (int)attribute->length,
					attribute->data);
		break;
	case IFLA_ADDRESS:
		take_address(attribute, netdev);
		break;
	case IFLA_CARRIER:
		netdev->carrier = netdev->up && number_of(attribute);
		break;
	case IFLA_PROMISCUITY:
		netdev->promiscuous |= number_of(attribute) > 0;
		break;
	case IFLA_MTU:
		netdev->mtu = number_of(attribute);
		break;
	case IFLA_MASTER:
		netdev->master = (int)number_of(attribute);
		break;
	case IFLA_NUM_VF:
		if (!netdev->vfs)
			netdev->vf_count = number_of(attribute);
		break;
	default:
		break;
	}
}

static bool is_list_of_vfs(const char *at, const struct netdev *netdev)
{
	struct nlattr header;

	memcpy(&header, at, sizeof(header));
	return (header.nla_type & NLA_TYPE_MASK) == IFLA_VFINFO_LIST && !netdev->vfs &&
			netdev->vf_count && netdev->vf_count < VFS_MOST;
}

/* Without the end of its list of VFs the rest of a message cannot be decoded. Everything that is
 * read here comes before that list (Linux 6.12, rtnl_fill_ifinfo()). */
static int decode_attributes(
		const char *at, const char *end, struct netdev *netdev, struct err *err)
{
	struct attribute attribute;

	while ((size_t)(end - at) >= NLA_HDRLEN) {
		if (!is_list_of_vfs(at, netdev)) {
			if (!next_attribute(&at, end, &attribute))
				return err_set(err, EBADMSG,
						"the kernel's description of the interface is malformed");
			take_attribute(&attribute, netdev);
			continue;
		}
		netdev->vfs = calloc(netdev->vf_count, sizeof(*netdev->vfs));
		if (!netdev->vfs)
			abort();
		at = read_list(at, end, netdev);
		if (!at)
			return err_set(err, EMSGSIZE, "the kernel's list of %u VF%s is cut off",
					netdev->vf_count, text_plural(netdev->vf_count));
	}
	return 0;
}

int link_message_decode(const struct nlmsghdr *message, struct netdev *netdev, struct err *err)
{
	const char *at = (const char *)message, *end = at + message->nlmsg_len;
	struct ifinfomsg info;
	int rc;

	*netdev = (struct netdev){ 0 };
	if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
		return err_set(err, EBADMSG, "the kernel's answer does not describe an interface");
	memcpy(&info, at + NLMSG_HDRLEN, sizeof(info));
	netdev->index = info.ifi_index;
	netdev->layer = info.ifi_type == ARPHRD_INFINIBAND ? LAYER_INFINIBAND : LAYER_ETHERNET;
	netdev->up = info.ifi_flags & IFF_UP;
	netdev->promiscuous = info.ifi_flags & IFF_PROMISC;
	netdev->allmulti = info.ifi_flags & IFF_ALLMULTI;
	rc = decode_attributes(at + NLMSG_SPACE(sizeof(info)), end, netdev, err);
	/* Drivers without settings of VFs have no list. */
	if (rc < 0 || !netdev->vfs)
		netdev_free(netdev);
	if (rc == -EBADMSG)
		*netdev = (struct netdev){ 0 };
	return rc;
}

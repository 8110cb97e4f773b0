/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netdev/vf_settings.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

/*
 * The table, and functions for the settings that differ from most: in netlink MAC, VLAN, rates and
 * GUIDs are not a pair of VF and number; VLAN, rates and GUIDs have their own text.
 *
 * IPoIB offers the link state and the GUIDs alone (Linux 6.12, drivers/infiniband/ulp/ipoib/
 * ipoib_main.c, ipoib_netdev_ops_pf), and the kernel refuses GUIDs for other interfaces
 * (net/core/rtnetlink.c, handle_vf_guid()).
 */

static size_t put_mac(const struct vf_settings *settings, unsigned vf, void *payload)
{
	struct ifla_vf_mac mac = { .vf = vf };

	memcpy(mac.mac, settings->mac.octet, sizeof(settings->mac.octet));
	memcpy(payload, &mac, sizeof(mac));
	return sizeof(mac);
}

static bool get_mac(struct vf_settings *settings, const void *payload, size_t size)
{
	struct ifla_vf_mac mac;

	if (size < sizeof(mac))
		return false;
	memcpy(&mac, payload, sizeof(mac));
	memcpy(settings->mac.octet, mac.mac, sizeof(settings->mac.octet));
	return true;
}

static bool mac_is_unset(const struct vf_settings *settings)
{
	return mac_is_zero(settings->mac);
}

/* IFLA_VF_VLAN_LIST with one entry. */
struct vlan_list {
	struct nlattr head;
	struct ifla_vf_vlan_info vlan;
};

static size_t put_vlan(const struct vf_settings *settings, unsigned vf, void *payload)
{
	struct vlan_list list;

	memset(&list, 0, sizeof(list)); /* with its padding */
	list.head.nla_len = sizeof(list);
	list.head.nla_type = IFLA_VF_VLAN_INFO;
	list.vlan.vf = vf;
	list.vlan.vlan = settings->vlan;
	list.vlan.qos = settings->qos;
	list.vlan.vlan_proto = htons(settings->proto ? settings->proto : ETH_P_8021Q);
	memcpy(payload, &list, sizeof(list));
	return sizeof(list);
}

static bool get_vlan(struct vf_settings *settings, const void *payload, size_t size)
{
	struct vlan_list list;

	if (size < sizeof(list))
		return false;
	memcpy(&list, payload, sizeof(list));
	settings->vlan = (uint16_t)list.vlan.vlan;
	settings->qos = (uint8_t)list.vlan.qos;
	settings->proto = settings->vlan ? ntohs(list.vlan.vlan_proto) : 0;
	return true;
}

static bool vlan_is_same(const struct vf_settings *want, const struct vf_settings *found)
{
	uint16_t proto = want->proto ? want->proto : ETH_P_8021Q;

	return want->vlan == found->vlan && want->qos == found->qos &&
			(!want->vlan || proto == found->proto);
}

static bool vlan_is_unset(const struct vf_settings *settings)
{
	return !settings->vlan;
}

static bool qos_is_implied(const struct vf_settings *settings)
{
	return !settings->qos;
}

static bool proto_is_implied(const struct vf_settings *settings)
{
	return !settings->vlan || settings->proto != ETH_P_8021AD;
}

static void vlan_text(const struct vf_settings *settings, char *text, size_t size)
{
	if (!settings->vlan && !settings->qos)
		snprintf(text, size, "none");
	else
		snprintf(text, size, "%u%s%.0u%s", settings->vlan, settings->qos ? " qos " : "",
				settings->qos, settings->proto == ETH_P_8021AD ? " 802.1ad" : "");
}

static void vlan_full_text(const struct vf_settings *settings, char *text, size_t size)
{
	snprintf(text, size, "VLAN %u, qos %u, protocol %s", settings->vlan, settings->qos,
			settings->proto == ETH_P_8021AD ? "802.1ad" : "802.1Q");
}

static size_t put_rate(const struct vf_settings *settings, unsigned vf, void *payload)
{
	struct ifla_vf_rate rate = { vf, settings->min_rate, settings->max_rate };

	memcpy(payload, &rate, sizeof(rate));
	return sizeof(rate);
}

static bool get_rate(struct vf_settings *settings, const void *payload, size_t size)
{
	struct ifla_vf_rate rate;

	if (size < sizeof(rate))
		return false;
	memcpy(&rate, payload, sizeof(rate));
	settings->min_rate = rate.min_tx_rate;
	settings->max_rate = rate.max_tx_rate;
	return true;
}

static bool rate_is_unset(const struct vf_settings *settings)
{
	return !settings->min_rate && !settings->max_rate;
}

static void rate_text(const struct vf_settings *settings, char *text, size_t size)
{
	if (rate_is_unset(settings))
		snprintf(text, size, "any");
	else
		snprintf(text, size, "%u-%u", settings->min_rate, settings->max_rate);
}

static void rate_full_text(const struct vf_settings *settings, char *text, size_t size)
{
	snprintf(text, size, "rates %u to %u Mbit/s", settings->min_rate, settings->max_rate);
}

static bool node_guid_is_unset(const struct vf_settings *settings)
{
	return !settings->node_guid;
}

static bool port_guid_is_unset(const struct vf_settings *settings)
{
	return !settings->port_guid;
}

static void guid_text(uint64_t guid, char *text, size_t size)
{
	char words[GUID_TEXT] = "not set";

	snprintf(text, size, "%s", guid ? guid_format(guid, words) : words);
}

static void node_guid_text(const struct vf_settings *settings, char *text, size_t size)
{
	guid_text(settings->node_guid, text, size);
}

static void port_guid_text(const struct vf_settings *settings, char *text, size_t size)
{
	guid_text(settings->port_guid, text, size);
}

#define SETTING(of, ...)               \
	{                              \
		.bit = of, __VA_ARGS__ \
	}
#define VALUE(of, member, ...)                                                    \
	{                                                                         \
		.bit = of, .offset = offsetof(struct vf_settings, member),        \
		.size = sizeof(((struct vf_settings *)NULL)->member), __VA_ARGS__ \
	}
#define OPTION(name, argument, help) .option = { { name, 0, argument, help } }

#define SWITCH .kind = VF_VALUE_SWITCH, .takes = "yes or no"
#define GUID(of) \
	.kind = VF_VALUE_GUID, .takes = "the GUID of one " of ", such as 02:00:00:00:00:00:00:01"
#define RATE .kind = VF_VALUE_NUMBER, .max = UINT32_MAX, .takes = "Mbit/s"

const struct vf_setting vf_setting_table[] = {
	SETTING(VF_MAC, .name = "MAC", .column = "MAC", .attribute = IFLA_VF_MAC,
			.layers = LAYER_ETHERNET,
			.values[0] = VALUE(VF_MAC, mac, .key = "MACAddress",
					.nmstate = "mac-address", .kind = VF_VALUE_MAC,
					.takes = "the address of one station, such as "
						 "52:54:00:12:34:56",
					OPTION("mac", "MAC",
							"Its address; 00:00:00:00:00:00: the VF "
							"chooses")),
			.put = put_mac, .get = get_mac, .is_unset = mac_is_unset),
	SETTING(VF_VLAN, .name = "VLAN", .column = "VLAN", .attribute = IFLA_VF_VLAN_LIST,
			.layers = LAYER_ETHERNET,
			.values[0] = VALUE(VF_VLAN, vlan, .key = "VLANId", .nmstate = "vlan-id",
					.kind = VF_VALUE_NUMBER, .max = 4094,
					.takes = "a number from 0 to 4094",
					OPTION("vlan", "N", "Its port VLAN, 1 to 4094; 0: none")),
			.values[1] = VALUE(VF_VLAN, qos, .key = "QualityOfService",
					.nmstate = "qos", .kind = VF_VALUE_NUMBER, .max = 7,
					.takes = "a number from 0 to 7",
					.is_implied = qos_is_implied,
					OPTION("qos", "N", "Priority of the port VLAN, 0 to 7")),
			.values[2] = VALUE(VF_VLAN, proto, .key = "VLANProtocol",
					.nmstate = "vlan-proto", .kind = VF_VALUE_PROTO,
					.takes = "802.1Q or 802.1ad",
					.is_implied = proto_is_implied,
					OPTION("proto", "P",
							"Protocol of the port VLAN, 802.1Q or "
							"802.1ad")),
			.put = put_vlan, .get = get_vlan, .is_same = vlan_is_same,
			.is_unset = vlan_is_unset, .text = vlan_text, .full_text = vlan_full_text),
	SETTING(VF_RATE, .name = "rate", .column = "RATE", .attribute = IFLA_VF_RATE,
			.layers = LAYER_ETHERNET,
			.values[0] = VALUE(VF_RATE, min_rate, RATE, .key = "MinRate",
					.nmstate = "min-tx-rate",
					OPTION("min-rate", "N",
							"Mbit/s guaranteed to it, 0: none")),
			.values[1] = VALUE(VF_RATE, max_rate, RATE, .key = "MaxRate",
					.nmstate = "max-tx-rate",
					OPTION("max-rate", "N",
							"Mbit/s that it may send at most, "
							"0: no limit")),
			.no_systemd = "MinRate= and MaxRate=: systemd does not know rates",
			.put = put_rate, .get = get_rate, .is_unset = rate_is_unset,
			.text = rate_text, .full_text = rate_full_text),
	SETTING(VF_SPOOFCHK, .name = "spoof check", .column = "SPOOFCHK",
			.attribute = IFLA_VF_SPOOFCHK, .layers = LAYER_ETHERNET,
			.values[0] = VALUE(VF_SPOOFCHK, spoofchk, SWITCH, .key = "MACSpoofCheck",
					.nmstate = "spoof-check",
					OPTION("spoofchk", "on|off",
							"Drop what it sends from other "
							"addresses"))),
	SETTING(VF_LINK, .name = "link state", .column = "LINK", .attribute = IFLA_VF_LINK_STATE,
			.layers = LAYER_ETHERNET | LAYER_INFINIBAND,
			.values[0] = VALUE(VF_LINK, link, .key = "LinkState", .kind = VF_VALUE_LINK,
					.takes = "yes, no or auto",
					OPTION("link", "STATE",
							"Its link: auto (as the card's), "
							"enable, or disable"))),
	SETTING(VF_QUERY_RSS, .name = "RSS query", .attribute = IFLA_VF_RSS_QUERY_EN,
			.layers = LAYER_ETHERNET, .optional = true,
			.values[0] = VALUE(VF_QUERY_RSS, query_rss, SWITCH,
					.key = "QueryReceiveSideScaling",
					OPTION("query-rss", "on|off",
							"Let it read the hash key and table of "
							"receive side scaling"))),
	SETTING(VF_TRUST, .name = "trust", .column = "TRUST", .attribute = IFLA_VF_TRUST,
			.layers = LAYER_ETHERNET,
			.values[0] = VALUE(VF_TRUST, trust, SWITCH, .key = "Trust",
					.nmstate = "trust",
					OPTION("trust", "on|off",
							"Let it change its address and go "
							"promiscuous"))),
	SETTING(VF_NODE_GUID, .name = "node GUID", .column = "NODE GUID",
			.attribute = IFLA_VF_IB_NODE_GUID, .layers = LAYER_INFINIBAND,
			.values[0] = VALUE(VF_NODE_GUID, node_guid, GUID("node"), .key = "NodeGUID",
					OPTION("node-guid", "GUID",
							"GUID of its node, on an InfiniBand card")),
			.no_systemd = "NodeGUID=: systemd does not know GUIDs",
			.is_unset = node_guid_is_unset, .text = node_guid_text),
	SETTING(VF_PORT_GUID, .name = "port GUID", .column = "PORT GUID",
			.attribute = IFLA_VF_IB_PORT_GUID, .layers = LAYER_INFINIBAND,
			.values[0] = VALUE(VF_PORT_GUID, port_guid, GUID("port"), .key = "PortGUID",
					OPTION("port-guid", "GUID",
							"GUID of its port, on an InfiniBand card")),
			.no_systemd = "PortGUID=: systemd does not know GUIDs",
			.is_unset = port_guid_is_unset, .text = port_guid_text),
	{ 0 },
};

const struct vf_setting *vf_setting_of(unsigned bit)
{
	const struct vf_setting *setting = vf_setting_table;

	while (setting->name && setting->bit != bit)
		setting++;
	return setting->name ? setting : NULL;
}

/* The form of most settings in netlink: struct ifla_vf_spoofchk, struct ifla_vf_trust, ... */
struct vf_and_number {
	uint32_t vf, number;
};

static size_t put_guid(const struct vf_setting *setting, const struct vf_settings *settings,
		unsigned vf, void *payload)
{
	struct ifla_vf_guid guid;

	memset(&guid, 0, sizeof(guid)); /* with its padding */
	guid.vf = vf;
	memcpy(&guid.guid, (const char *)settings + setting->values->offset, sizeof(guid.guid));
	memcpy(payload, &guid, sizeof(guid));
	return sizeof(guid);
}

static bool get_guid(const struct vf_setting *setting, struct vf_settings *settings,
		const void *payload, size_t size)
{
	struct ifla_vf_guid guid;

	if (size < sizeof(guid))
		return false;
	memcpy(&guid, payload, sizeof(guid));
	memcpy((char *)settings + setting->values->offset, &guid.guid, sizeof(guid.guid));
	return true;
}

size_t vf_setting_put(const struct vf_setting *setting, const struct vf_settings *settings,
		unsigned vf, void *payload)
{
	struct vf_and_number pair = { .vf = vf };

	if (setting->put)
		return setting->put(settings, vf, payload);
	if (setting->values->kind == VF_VALUE_GUID)
		return put_guid(setting, settings, vf, payload);
	pair.number = vf_value_number(setting->values, settings);
	memcpy(payload, &pair, sizeof(pair));
	return sizeof(pair);
}

/* The number is -1 if the driver does not report it. */
static bool get_number(const struct vf_setting *setting, struct vf_settings *settings,
		const void *payload, size_t size)
{
	struct vf_and_number pair;

	if (size < sizeof(pair))
		return false;
	memcpy(&pair, payload, sizeof(pair));
	return vf_value_set_number(setting->values, settings, pair.number);
}

void vf_setting_get(const struct vf_setting *setting, struct vf_settings *settings,
		const void *payload, size_t size)
{
	bool (*get)(const struct vf_setting *, struct vf_settings *, const void *, size_t) =
			setting->values->kind == VF_VALUE_GUID ? get_guid : get_number;

	if (setting->get ? setting->get(settings, payload, size)
			 : get(setting, settings, payload, size))
		settings->given |= setting->bit;
}

const char *vf_setting_text(const struct vf_setting *setting, const struct vf_settings *settings,
		char *text, size_t size)
{
	if (!setting->text)
		return vf_value_print(setting->values, VF_IN_OPTIONS, settings, text, size);
	setting->text(settings, text, size);
	return text;
}

const char *vf_setting_full_text(const struct vf_setting *setting,
		const struct vf_settings *settings, char *text, size_t size)
{
	char value[32];

	if (setting->full_text)
		setting->full_text(settings, text, size);
	else
		snprintf(text, size, "%s %s", setting->name,
				vf_setting_text(setting, settings, value, sizeof(value)));
	return text;
}

static bool is_same(const struct vf_setting *setting, const struct vf_settings *want,
		const struct vf_settings *found)
{
	if (setting->is_same)
		return setting->is_same(want, found);
	for (const struct vf_value *value = setting->values; value->key; value++) {
		if (memcmp((const char *)want + value->offset, (const char *)found + value->offset,
				    value->size) != 0)
			return false;
	}
	return true;
}

unsigned vf_settings_difference(const struct vf_settings *want, const struct vf_settings *found)
{
	unsigned same = 0;

	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		if (is_same(setting, want, found))
			same |= setting->bit;
	}
	return want->given & ~(same & found->given);
}

unsigned vf_settings_lacking(const struct vf_settings *want, const struct vf_settings *found)
{
	unsigned optional = 0;

	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++)
		optional |= setting->optional ? setting->bit : 0;
	return want->given & optional & ~found->given;
}

unsigned vf_settings_foreign(unsigned given, enum link_layer layer)
{
	unsigned foreign = 0;

	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++)
		foreign |= setting->layers & layer ? 0 : setting->bit;
	return given & foreign;
}

void vf_settings_drop_unset(struct vf_settings *settings)
{
	for (const struct vf_setting *setting = vf_setting_table; setting->name; setting++) {
		if (setting->is_unset && setting->is_unset(settings))
			settings->given &= ~(unsigned)setting->bit;
	}
}

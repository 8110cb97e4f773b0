/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vf_settings.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/*
 * The settings of one VF in other forms. A setting that the driver does not report is absent from
 * the record, and does not count in the settings that are read back from it.
 */

const enum vf_setting_bit vf_setting_order[VF_SETTING_COUNT] = { VF_MAC, VF_VLAN, VF_RATE,
	VF_SPOOFCHK, VF_LINK, VF_TRUST };

const char *vf_setting_name(enum vf_setting_bit setting)
{
	static const char *const names[VF_SETTING_COUNT] = { "MAC", "VLAN", "rate", "spoof check",
		"link state", "trust" };

	for (int i = 0; i < VF_SETTING_COUNT; i++) {
		if (vf_setting_order[i] == setting)
			return names[i];
	}
	return "?";
}

const char *vf_setting_text(const struct vf_settings *settings, enum vf_setting_bit setting,
		char *text, size_t size)
{
	char mac[MAC_TEXT];

	switch (setting) {
	case VF_MAC:
		snprintf(text, size, "%s", mac_format(settings->mac, mac));
		break;
	case VF_VLAN:
		if (!settings->vlan && !settings->qos)
			snprintf(text, size, "none");
		else
			snprintf(text, size, "%u%s%.0u%s", settings->vlan,
					settings->qos ? " qos " : "", settings->qos,
					settings->proto == ETH_P_8021AD ? " 802.1ad" : "");
		break;
	case VF_RATE:
		if (!settings->min_rate && !settings->max_rate)
			snprintf(text, size, "any");
		else
			snprintf(text, size, "%u-%u", settings->min_rate, settings->max_rate);
		break;
	case VF_SPOOFCHK:
		snprintf(text, size, "%s", settings->spoofchk ? "on" : "off");
		break;
	case VF_LINK:
		snprintf(text, size, "%s", vf_link_name(settings->link));
		break;
	case VF_TRUST:
		snprintf(text, size, "%s", settings->trust ? "on" : "off");
		break;
	}
	return text;
}

static const char *const link_names[] = { "auto", "enable", "disable" };

const char *vf_link_name(enum vf_link_state link)
{
	return link_names[link];
}

int vf_link_parse(const char *text, enum vf_link_state *link)
{
	for (int i = 0; i < 3; i++) {
		if (strcmp(text, link_names[i]) != 0)
			continue;
		*link = (enum vf_link_state)i;
		return 0;
	}
	return -EINVAL;
}

const char *vf_proto_name(uint16_t proto)
{
	return proto == ETH_P_8021AD ? "802.1ad" : "802.1Q";
}

int vf_proto_parse(const char *text, uint16_t *proto)
{
	if (!strcasecmp(text, "802.1Q"))
		*proto = ETH_P_8021Q;
	else if (!strcasecmp(text, "802.1ad"))
		*proto = ETH_P_8021AD;
	else
		return -EINVAL;
	return 0;
}

struct record *vf_settings_to_record(const struct vf_settings *settings)
{
	struct record *record = record_object();
	char mac[MAC_TEXT];

	if (settings->given & VF_MAC)
		record_put_str(record, "mac", mac_format(settings->mac, mac));
	if (settings->given & VF_VLAN) {
		record_put_int(record, "vlan", settings->vlan);
		record_put_int(record, "qos", settings->qos);
		record_put_str(record, "proto",
				settings->vlan ? vf_proto_name(settings->proto) : NULL);
	}
	if (settings->given & VF_SPOOFCHK)
		record_put_bool(record, "spoofchk", settings->spoofchk);
	if (settings->given & VF_TRUST)
		record_put_bool(record, "trust", settings->trust);
	if (settings->given & VF_RATE) {
		record_put_int(record, "min_rate", settings->min_rate);
		record_put_int(record, "max_rate", settings->max_rate);
	}
	if (settings->given & VF_LINK)
		record_put_str(record, "link", vf_link_name(settings->link));
	return record;
}

struct vf_settings vf_settings_from_record(const struct record *record)
{
	struct vf_settings settings = { 0 };

	if (!mac_parse(record_str(record, "mac", ""), &settings.mac))
		settings.given |= VF_MAC;
	if (record_get(record, "vlan")) {
		settings.given |= VF_VLAN;
		settings.vlan = (uint16_t)record_int(record, "vlan", 0);
		settings.qos = (uint8_t)record_int(record, "qos", 0);
		vf_proto_parse(record_str(record, "proto", ""), &settings.proto);
	}
	if (record_get(record, "spoofchk"))
		settings.given |= VF_SPOOFCHK;
	if (record_get(record, "trust"))
		settings.given |= VF_TRUST;
	settings.spoofchk = record_bool(record, "spoofchk", false);
	settings.trust = record_bool(record, "trust", false);
	if (record_get(record, "max_rate"))
		settings.given |= VF_RATE;
	settings.min_rate = (uint32_t)record_int(record, "min_rate", 0);
	settings.max_rate = (uint32_t)record_int(record, "max_rate", 0);
	if (!vf_link_parse(record_str(record, "link", ""), &settings.link))
		settings.given |= VF_LINK;
	return settings;
}

static bool same_vlan(const struct vf_settings *want, const struct vf_settings *found)
{
	uint16_t proto = want->proto ? want->proto : ETH_P_8021Q;

	return want->vlan == found->vlan && want->qos == found->qos &&
			(!want->vlan || proto == found->proto);
}

unsigned vf_settings_difference(const struct vf_settings *want, const struct vf_settings *found)
{
	unsigned same = 0;

	if (mac_equal(want->mac, found->mac))
		same |= VF_MAC;
	if (same_vlan(want, found))
		same |= VF_VLAN;
	if (want->spoofchk == found->spoofchk)
		same |= VF_SPOOFCHK;
	if (want->trust == found->trust)
		same |= VF_TRUST;
	if (want->min_rate == found->min_rate && want->max_rate == found->max_rate)
		same |= VF_RATE;
	if (want->link == found->link)
		same |= VF_LINK;
	return want->given & ~(same & found->given);
}

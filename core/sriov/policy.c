/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/policy.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/*
 * The settings of one VF in other forms. A setting that the driver does not report is absent from
 * the record, and does not count in the settings that are read back from it.
 */

const enum vf_setting policy_settings[POLICY_SETTINGS] = { VF_MAC, VF_VLAN, VF_RATE, VF_SPOOFCHK,
	VF_LINK, VF_TRUST };

const char *policy_setting_name(enum vf_setting setting)
{
	static const char *const names[POLICY_SETTINGS] = { "MAC", "VLAN", "rate", "spoof check",
		"link state", "trust" };

	for (int i = 0; i < POLICY_SETTINGS; i++) {
		if (policy_settings[i] == setting)
			return names[i];
	}
	return "?";
}

const char *policy_setting_text(
		const struct vf_policy *policy, enum vf_setting setting, char *text, size_t size)
{
	char mac[MAC_TEXT];

	switch (setting) {
	case VF_MAC:
		snprintf(text, size, "%s", mac_format(policy->mac, mac));
		break;
	case VF_VLAN:
		if (!policy->vlan && !policy->qos)
			snprintf(text, size, "none");
		else
			snprintf(text, size, "%u%s%.0u%s", policy->vlan, policy->qos ? " qos " : "",
					policy->qos,
					policy->proto == ETH_P_8021AD ? " 802.1ad" : "");
		break;
	case VF_RATE:
		if (!policy->min_rate && !policy->max_rate)
			snprintf(text, size, "any");
		else
			snprintf(text, size, "%u-%u", policy->min_rate, policy->max_rate);
		break;
	case VF_SPOOFCHK:
		snprintf(text, size, "%s", policy->spoofchk ? "on" : "off");
		break;
	case VF_LINK:
		snprintf(text, size, "%s", policy_link_name(policy->link));
		break;
	case VF_TRUST:
		snprintf(text, size, "%s", policy->trust ? "on" : "off");
		break;
	}
	return text;
}

static const char *const link_names[] = { "auto", "enable", "disable" };

const char *policy_link_name(enum vf_link_state link)
{
	return link_names[link];
}

int policy_link_parse(const char *text, enum vf_link_state *link)
{
	for (int i = 0; i < 3; i++) {
		if (strcmp(text, link_names[i]) != 0)
			continue;
		*link = (enum vf_link_state)i;
		return 0;
	}
	return -EINVAL;
}

const char *policy_proto_name(uint16_t proto)
{
	return proto == ETH_P_8021AD ? "802.1ad" : "802.1Q";
}

int policy_proto_parse(const char *text, uint16_t *proto)
{
	if (!strcasecmp(text, "802.1Q"))
		*proto = ETH_P_8021Q;
	else if (!strcasecmp(text, "802.1ad"))
		*proto = ETH_P_8021AD;
	else
		return -EINVAL;
	return 0;
}

struct record *policy_record(const struct vf_policy *policy)
{
	struct record *record = record_object();
	char mac[MAC_TEXT];

	if (policy->settings & VF_MAC)
		record_put_str(record, "mac", mac_format(policy->mac, mac));
	if (policy->settings & VF_VLAN) {
		record_put_int(record, "vlan", policy->vlan);
		record_put_int(record, "qos", policy->qos);
		record_put_str(record, "proto",
				policy->vlan ? policy_proto_name(policy->proto) : NULL);
	}
	if (policy->settings & VF_SPOOFCHK)
		record_put_bool(record, "spoofchk", policy->spoofchk);
	if (policy->settings & VF_TRUST)
		record_put_bool(record, "trust", policy->trust);
	if (policy->settings & VF_RATE) {
		record_put_int(record, "min_rate", policy->min_rate);
		record_put_int(record, "max_rate", policy->max_rate);
	}
	if (policy->settings & VF_LINK)
		record_put_str(record, "link", policy_link_name(policy->link));
	return record;
}

struct vf_policy policy_of_record(const struct record *record)
{
	struct vf_policy policy = { 0 };

	if (!mac_parse(record_str(record, "mac", ""), &policy.mac))
		policy.settings |= VF_MAC;
	if (record_get(record, "vlan")) {
		policy.settings |= VF_VLAN;
		policy.vlan = (uint16_t)record_int(record, "vlan", 0);
		policy.qos = (uint8_t)record_int(record, "qos", 0);
		policy_proto_parse(record_str(record, "proto", ""), &policy.proto);
	}
	if (record_get(record, "spoofchk"))
		policy.settings |= VF_SPOOFCHK;
	if (record_get(record, "trust"))
		policy.settings |= VF_TRUST;
	policy.spoofchk = record_bool(record, "spoofchk", false);
	policy.trust = record_bool(record, "trust", false);
	if (record_get(record, "max_rate"))
		policy.settings |= VF_RATE;
	policy.min_rate = (uint32_t)record_int(record, "min_rate", 0);
	policy.max_rate = (uint32_t)record_int(record, "max_rate", 0);
	if (!policy_link_parse(record_str(record, "link", ""), &policy.link))
		policy.settings |= VF_LINK;
	return policy;
}

static bool same_vlan(const struct vf_policy *want, const struct vf_policy *found)
{
	uint16_t proto = want->proto ? want->proto : ETH_P_8021Q;

	return want->vlan == found->vlan && want->qos == found->qos &&
			(!want->vlan || proto == found->proto);
}

unsigned policy_difference(const struct vf_policy *want, const struct vf_policy *found)
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
	return want->settings & ~(same & found->settings);
}

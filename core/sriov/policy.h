/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_POLICY_H
#define SRIOV_POLICY_H

#include "base/record.h"
#include "host/netlink.h"

/* A VF's settings as a record, of those in policy->settings, and back. */
struct record *policy_record(const struct vf_policy *policy);
struct vf_policy policy_of_record(const struct record *record);

/* Of the settings in want->settings those that FOUND reports otherwise or not at all. */
unsigned policy_difference(const struct vf_policy *want, const struct vf_policy *found);

/* The settings in the order in which they are told, POLICY_SETTINGS of them. */
enum { POLICY_SETTINGS = 6 };
extern const enum vf_setting policy_settings[POLICY_SETTINGS];

/* "MAC", "VLAN", "spoof check", ... and the value for people: "10 qos 3". */
const char *policy_setting_name(enum vf_setting setting);
const char *policy_setting_text(
		const struct vf_policy *policy, enum vf_setting setting, char *text, size_t size);

/* "auto", "enable", "disable" and "802.1Q", "802.1ad". -EINVAL for another text. */
const char *policy_link_name(enum vf_link_state link);
int policy_link_parse(const char *text, enum vf_link_state *link);
const char *policy_proto_name(uint16_t proto);
int policy_proto_parse(const char *text, uint16_t *proto);

#endif

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

/* "auto", "enable", "disable" and "802.1Q", "802.1ad". -EINVAL for another text. */
const char *policy_link_name(enum vf_link_state link);
int policy_link_parse(const char *text, enum vf_link_state *link);
const char *policy_proto_name(uint16_t proto);
int policy_proto_parse(const char *text, uint16_t *proto);

#endif

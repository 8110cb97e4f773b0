/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_VF_SETTINGS_H
#define HOST_VF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mac.h"
#include "base/record.h"

enum vf_link_state { VF_LINK_AUTO, VF_LINK_ENABLE, VF_LINK_DISABLE };

/* Which settings of a struct vf_settings count. */
enum vf_setting_bit {
	VF_MAC = 1 << 0,
	VF_VLAN = 1 << 1, /* with qos and proto: the kernel sets the three at once */
	VF_SPOOFCHK = 1 << 2,
	VF_TRUST = 1 << 3,
	VF_RATE = 1 << 4, /* both rates */
	VF_LINK = 1 << 5,
};

/* What the PF's administrator has set for one VF. */
struct vf_settings {
	unsigned given; /* enum vf_setting_bit: those the driver reports, or those to change */
	struct mac mac; /* zero: the VF chooses */
	uint16_t vlan;  /* 0: no port VLAN */
	uint8_t qos;    /* priority of the port VLAN */
	uint16_t proto; /* 0x8100 or 0x88a8; 0 where VLAN is 0 */
	bool spoofchk, trust;
	uint32_t min_rate, max_rate; /* Mbit/s, 0: no limit */
	enum vf_link_state link;
};

/* A VF's settings as a record, of those given, and back. */
struct record *vf_settings_to_record(const struct vf_settings *settings);
struct vf_settings vf_settings_from_record(const struct record *record);

/* Of the settings given in WANT those that FOUND reports otherwise or not at all. */
unsigned vf_settings_difference(const struct vf_settings *want, const struct vf_settings *found);

/* The settings in the order in which they are told. */
enum { VF_SETTING_COUNT = 6 };
extern const enum vf_setting_bit vf_setting_order[VF_SETTING_COUNT];

/* "MAC", "VLAN", "spoof check", ... and the value for people: "10 qos 3". */
const char *vf_setting_name(enum vf_setting_bit setting);
const char *vf_setting_text(const struct vf_settings *settings, enum vf_setting_bit setting,
		char *text, size_t size);

/* "auto", "enable", "disable" and "802.1Q", "802.1ad". -EINVAL for another text. */
const char *vf_link_name(enum vf_link_state link);
int vf_link_parse(const char *text, enum vf_link_state *link);
const char *vf_proto_name(uint16_t proto);
int vf_proto_parse(const char *text, uint16_t *proto);

#endif

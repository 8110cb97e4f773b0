/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NETDEV_VF_SETTINGS_H
#define NETDEV_VF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/guid.h"
#include "base/mac.h"
#include "command/verb.h"
#include "data/record.h"

/*
 * What the administrator of a PF sets for one VF, and a table of these settings. An entry holds all
 * that the manager knows about a setting: the code for policy files, files of other tools, options,
 * JSON and netlink loops over the table. Nothing here accesses the machine.
 */

enum vf_link_state { VF_LINK_AUTO, VF_LINK_ENABLE, VF_LINK_DISABLE };

/* In the order of options, columns and keys in files. */
enum vf_setting_bit {
	VF_MAC = 1 << 0,
	VF_VLAN = 1 << 1, /* with priority and protocol: the kernel sets all three at once */
	VF_SPOOFCHK = 1 << 2,
	VF_TRUST = 1 << 3,
	VF_RATE = 1 << 4, /* both rates */
	VF_LINK = 1 << 5,
	VF_QUERY_RSS = 1 << 6,
	VF_NODE_GUID = 1 << 7,
	VF_PORT_GUID = 1 << 8,
	VF_GUIDS = VF_NODE_GUID | VF_PORT_GUID,
};

/* What the ports of a card are for. */
enum link_layer { LAYER_ETHERNET = 1 << 0, LAYER_INFINIBAND = 1 << 1 };

struct vf_settings {
	unsigned given; /* enum vf_setting_bit: those the driver reports, or those to change */
	struct mac mac; /* zero: the VF chooses */
	uint16_t vlan;  /* 0: no port VLAN */
	uint8_t qos;    /* priority of the port VLAN */
	uint16_t proto; /* 0x8100 or 0x88a8; 0 if VLAN is 0 */
	bool spoofchk, trust;
	uint32_t min_rate, max_rate; /* Mbit/s, 0: no limit */
	enum vf_link_state link;
	bool query_rss; /* the VF may read the key and table of receive side scaling */
	uint64_t node_guid, port_guid; /* 0: not set */
};

enum vf_value_kind {
	VF_VALUE_MAC,    /* struct mac */
	VF_VALUE_NUMBER, /* 0 to max */
	VF_VALUE_SWITCH, /* bool: yes or no in files, on or off in options */
	VF_VALUE_LINK,   /* yes, no or auto in files, enable, disable or auto in options */
	VF_VALUE_PROTO,  /* 802.1Q or 802.1ad */
	VF_VALUE_GUID,   /* uint64_t */
};

/* One value of a setting. */
struct vf_value {
	enum vf_setting_bit bit; /* the setting that it belongs to */
	enum vf_value_kind kind;
	size_t offset, size;   /* in struct vf_settings */
	uint32_t max;          /* of a number */
	const char *key;       /* "VLANId", in policy files and systemd.link */
	const char *takes;     /* "a number from 0 to 4094", in errors about the key */
	struct flag option[2]; /* "vlan" of vfctl vf --vlan, and a terminator; JSON has _ for - */
	const char *nmstate;   /* "vlan-id", NULL: not in nmstate */
	/* Whether the first value of its setting already implies it: files then omit it. */
	bool (*is_implied)(const struct vf_settings *settings);
};

enum { VF_SETTING_VALUES = 4, VF_VALUES_MOST = 16, VF_PAYLOAD_MOST = 40 };

struct vf_setting {
	enum vf_setting_bit bit;
	const char *name;       /* "spoof check", for people */
	const char *column;     /* its heading in vfctl show, NULL: not in that table */
	bool optional;          /* few drivers offer it; a driver without it is no failure */
	unsigned layers;        /* enum link_layer: the cards whose VFs have it */
	const char *no_systemd; /* note that systemd.link has no such key; NULL: it has one */
	struct vf_value values[VF_SETTING_VALUES]; /* the last one has no key */
	unsigned attribute;                        /* in IFLA_VF_INFO: IFLA_VF_SPOOFCHK */

	/* Each is NULL for the default behaviour. */
	size_t (*put)(const struct vf_settings *settings, unsigned vf, void *payload);
	bool (*get)(struct vf_settings *settings, const void *payload, size_t size);
	bool (*is_same)(const struct vf_settings *want, const struct vf_settings *found);
	bool (*is_unset)(const struct vf_settings *settings); /* not set by anybody */
	void (*text)(const struct vf_settings *settings, char *text, size_t size);
	void (*full_text)(const struct vf_settings *settings, char *text, size_t size);
};

/* The last entry has no name. The order is that in which the kernel applies the settings of one
 * request; lists for people use it too. */
extern const struct vf_setting vf_setting_table[];

/* Returns NULL for an unknown bit. */
const struct vf_setting *vf_setting_of(unsigned bit);

/* All values in the order of the bits; NULL after the last, of at most VF_VALUES_MOST. */
const struct vf_value *vf_value_at(unsigned index);

/* vf_setting_text() returns the value for people, "10 qos 3"; vf_setting_full_text() the setting
 * with all its values, "VLAN 10, qos 3, ...". */
const char *vf_setting_text(const struct vf_setting *setting, const struct vf_settings *settings,
		char *text, size_t size);
const char *vf_setting_full_text(const struct vf_setting *setting,
		const struct vf_settings *settings, char *text, size_t size);

/* Writes the netlink attribute of VF to PAYLOAD, which has room for VF_PAYLOAD_MOST bytes.
 * Returns the size. */
size_t vf_setting_put(const struct vf_setting *setting, const struct vf_settings *settings,
		unsigned vf, void *payload);

/* Reads the attribute that the kernel reports. Leaves a setting that the driver does not report
 * out of SETTINGS->given. */
void vf_setting_get(const struct vf_setting *setting, struct vf_settings *settings,
		const void *payload, size_t size);

/* Returns those settings given in WANT that FOUND reports with another value or not at all. */
unsigned vf_settings_difference(const struct vf_settings *want, const struct vf_settings *found);

/* Returns the optional settings given in WANT that FOUND does not report: the driver does not
 * offer them. */
unsigned vf_settings_lacking(const struct vf_settings *want, const struct vf_settings *found);

/* Returns those of the settings GIVEN that VFs of a card of LAYER do not have. */
unsigned vf_settings_foreign(unsigned given, enum link_layer layer);

/* Removes the settings that nobody has set. */
void vf_settings_drop_unset(struct vf_settings *settings);

/* The form of a value: "yes" in files is "on" in options. */
enum vf_form { VF_IN_FILES, VF_IN_OPTIONS };

/* -EINVAL: the text is not what VALUE accepts; vf_value_takes() says what that is. */
int vf_value_parse(const struct vf_value *value, enum vf_form form, const char *text,
		struct vf_settings *settings);
const char *vf_value_print(const struct vf_value *value, enum vf_form form,
		const struct vf_settings *settings, char *text, size_t size);
const char *vf_value_takes(
		const struct vf_value *value, enum vf_form form, char *text, size_t size);

/* Reads and sets a value, other than a MAC or GUID, as a number. False: NUMBER is not allowed;
 * nothing changes. */
uint32_t vf_value_number(const struct vf_value *value, const struct vf_settings *settings);
bool vf_value_set_number(
		const struct vf_value *value, struct vf_settings *settings, uint32_t number);

/* Writes the "Key=value" lines of a setting, as in files. */
void vf_setting_print(
		const struct vf_setting *setting, const struct vf_settings *settings, FILE *out);

/* Converts the given settings of a VF to a record, and back. */
struct record *vf_settings_to_record(const struct vf_settings *settings);
struct vf_settings vf_settings_from_record(const struct record *record);

#endif

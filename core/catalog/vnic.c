/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/vnic.h"

static const struct property properties[] = {
	PROPERTY(vnic, vm, .key = "VM", .flag = { { "vm" } }, .kind = PROPERTY_TEXT),
	PROPERTY(vnic, nic, .key = "NIC", .flag = { { "nic" } }, .kind = PROPERTY_TEXT),
	PROPERTY(vnic, profile, .key = "Profile", .flag = { { "profile" } }, .kind = PROPERTY_NAME),
	PROPERTY(vnic, passthrough, .key = "Passthrough", .flag = { { "passthrough" } },
			.kind = PROPERTY_BOOL),
	PROPERTY(vnic, linked, .key = "Linked", .flag = { { "linked" } }, .kind = PROPERTY_BOOL,
			.default_yes = true),
	PROPERTY(vnic, plugged, .key = "Plugged", .flag = { { "plugged" } }, .kind = PROPERTY_BOOL),
	PROPERTY(vnic, mac, .key = "MACAddress", .flag = { { "mac" } }, .kind = PROPERTY_MAC),
	{ 0 },
};

const struct definition_kind vnic_kind = {
	.noun = "vNIC",
	.folder = "var/lib/vfctl/vnics",
	.suffix = ".vnic",
	.size = sizeof(struct vnic),
	.sections = { { "vNIC", properties } },
};

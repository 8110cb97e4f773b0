/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/network.h"

static const struct property properties[] = {
	PROPERTY(network, description, .key = "Description", .flag = "description",
			.kind = PROPERTY_TEXT, .value = "TEXT", .help = "What it is for"),
	PROPERTY(network, vm, .key = "VM", .flag = "vm", .kind = PROPERTY_BOOL, .default_yes = true,
			.value = "yes|no",
			.help = "Whether it carries vNICs of VMs (default: yes)"),
	PROPERTY(network, required, .key = "Required", .flag = "required", .kind = PROPERTY_BOOL,
			.default_yes = true, .value = "yes|no",
			.help = "Whether a host must carry it (default: yes)"),
	PROPERTY(network, vlan, .key = "VLANId", .flag = "vlan", .kind = PROPERTY_NUMBER, .min = 1,
			.max = 4094, .value = "N", .help = "Its VLAN, 1 to 4094; 0: untagged"),
	PROPERTY(network, mtu, .key = "MTUBytes", .flag = "mtu", .kind = PROPERTY_NUMBER, .min = 68,
			.max = 65535, .value = "N", .help = "Its MTU; 0: any"),
	PROPERTY(network, labels, .key = "Labels", .flag = "label", .kind = PROPERTY_NAMES,
			.value = "NAME", .help = "A label by which cards may allow it; may repeat"),
	PROPERTY(network, isolated, .key = "PortIsolation", .flag = "port-isolation",
			.kind = PROPERTY_BOOL, .value = "yes|no",
			.help = "Whether its ports are kept from reaching each other"),
	PROPERTY(network, bridge, .key = "Bridge", .flag = "bridge", .kind = PROPERTY_NAME,
			.value = "NAME", .help = "The Linux bridge that carries it on this host"),
	PROPERTY(network, provider, .key = "Provider", .flag = "provider", .kind = PROPERTY_NAME,
			.value = "NAME",
			.help = "The external provider, such as OVN, that carries it"),
	{ 0 },
};

const struct definition_kind network_kind = {
	.noun = "network",
	.folder = "etc/vfctl/networks",
	.suffix = ".network",
	.size = sizeof(struct network),
	.sections = { { "Network", properties } },
};

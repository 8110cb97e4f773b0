/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/vnic_profile.h"

static const struct property properties[] = {
	PROPERTY(vnic_profile, description, .key = "Description", .flag = "description",
			.kind = PROPERTY_TEXT, .value = "TEXT", .help = "What it is for"),
	PROPERTY(vnic_profile, network, .key = "Network", .flag = "network", .kind = PROPERTY_NAME,
			.value = "NAME", .help = "The network that it connects to"),
	PROPERTY(vnic_profile, passthrough, .key = "Passthrough", .flag = "passthrough",
			.kind = PROPERTY_BOOL, .value = "yes|no",
			.help = "Connect by a VF instead of the network's bridge"),
	PROPERTY(vnic_profile, migratable, .key = "Migratable", .flag = "migratable",
			.kind = PROPERTY_BOOL, .value = "yes|no",
			.help = "Allow live migration: the VF is unplugged before, another plugged "
				"after"),
	PROPERTY(vnic_profile, failover, .key = "Failover", .flag = "failover",
			.kind = PROPERTY_NAME, .value = "PROFILE",
			.help = "Profile of the vNIC that takes over while the VF is away"),
	PROPERTY(vnic_profile, fallback, .key = "Fallback", .flag = "fallback",
			.kind = PROPERTY_BOOL, .value = "yes|no",
			.help = "Connect by the bridge where no VF is free"),
	PROPERTY(vnic_profile, min_rate, .key = "MinRate", .flag = "min-rate",
			.kind = PROPERTY_NUMBER, .min = 1, .max = UINT32_MAX, .value = "N",
			.help = "Mbit/s that its VF is sure of, 0: none"),
	PROPERTY(vnic_profile, max_rate, .key = "MaxRate", .flag = "max-rate",
			.kind = PROPERTY_NUMBER, .min = 1, .max = UINT32_MAX, .value = "N",
			.help = "Mbit/s that its VF may send at most, 0: no limit"),
	PROPERTY(vnic_profile, mirroring, .key = "PortMirroring", .flag = "port-mirroring",
			.kind = PROPERTY_BOOL, .value = "yes|no",
			.help = "Mirror the network's traffic to it (not with passthrough)"),
	PROPERTY(vnic_profile, qos, .key = "QoS", .flag = "qos", .kind = PROPERTY_NAME,
			.value = "NAME", .help = "The host's QoS for it (not with passthrough)"),
	PROPERTY(vnic_profile, filter, .key = "NetworkFilter", .flag = "network-filter",
			.kind = PROPERTY_NAME, .value = "NAME",
			.help = "libvirt's filter for it (not with passthrough)"),
	{ 0 },
};

const struct definition_kind vnic_profile_kind = {
	.noun = "profile",
	.folder = "etc/vfctl/profiles",
	.suffix = ".profile",
	.size = sizeof(struct vnic_profile),
	.sections = { { "Profile", properties } },
};

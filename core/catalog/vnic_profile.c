/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/vnic_profile.h"

#include <string.h>

#include "base/cleanup.h"
#include "catalog/catalog.h"

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

/* The host cannot do these to frames that it does not see. */
static void check_passthrough(const struct vnic_profile *profile, const struct network *network,
		struct objections *objections)
{
	const struct {
		bool has;
		const char *key, *way_out;
	} unsupported[] = {
		{ profile->mirroring, "PortMirroring", "take PortMirroring= out" },
		{ *profile->qos, "QoS", "take QoS= out; MaxRate= limits the VF's port" },
		{ *profile->filter, "NetworkFilter",
				"take NetworkFilter= out; the VF's spoof check stays" },
	};

	for (size_t i = 0; i < sizeof(unsupported) / sizeof(*unsupported); i++) {
		if (unsupported[i].has)
			objection_add(objections, unsupported[i].key,
					REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY,
					"a passthrough profile cannot have %s: %s",
					unsupported[i].key, unsupported[i].way_out);
	}
	if (network && network->isolated)
		objection_add(objections, "Passthrough", REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY,
				"passthrough does not keep port isolation, which network %s has: "
				"use another network, or Passthrough=no",
				profile->network);
}

static void check_no_passthrough(const struct vnic_profile *profile, struct objections *objections)
{
	const struct {
		bool has;
		const char *key;
	} needing[] = {
		{ profile->migratable, "Migratable" },
		{ profile->fallback, "Fallback" },
		{ profile->min_rate, "MinRate" },
		{ profile->max_rate, "MaxRate" },
	};

	for (size_t i = 0; i < sizeof(needing) / sizeof(*needing); i++) {
		if (needing[i].has)
			objection_add(objections, needing[i].key,
					REFUSAL_PROPERTY_NEEDS_PASSTHROUGH,
					"%s= is about a VF: take it out, or say Passthrough=yes",
					needing[i].key);
	}
}

static void check_failover(const struct catalog *catalog, const struct vnic_profile *profile,
		struct objections *objections)
{
	const struct vnic_profile *target = catalog_vnic_profile(catalog, profile->failover);
	const struct network *network = target ? catalog_network(catalog, target->network) : NULL;

	if (!profile->passthrough || !profile->migratable)
		objection_add(objections, "Failover", REFUSAL_FAILOVER_NEEDS_MIGRATABLE_PASSTHROUGH,
				"Failover= is for a VF that goes away for a migration: say "
				"Passthrough=yes and Migratable=yes, or take it out");
	if (!strcmp(profile->failover, profile->head.name))
		objection_add(objections, "Failover", REFUSAL_FAILOVER_TARGET_SELF,
				"a profile cannot take over from itself: name one without "
				"passthrough");
	else if (!target)
		objection_add(objections, "Failover", REFUSAL_FAILOVER_TARGET_MISSING,
				"there is no profile %s: add it first (vfctl profile add)",
				profile->failover);
	else if (target->passthrough)
		objection_add(objections, "Failover", REFUSAL_FAILOVER_TARGET_PASSTHROUGH,
				"profile %s is passthrough too and goes away for the same "
				"migration: name one without",
				profile->failover);
	else if (network && *network->provider)
		objection_add(objections, "Failover", REFUSAL_FAILOVER_TARGET_EXTERNAL,
				"profile %s is on network %s of the external provider %s: name one "
				"on a network of this host",
				profile->failover, target->network, network->provider);
}

static void check_network(const struct catalog *catalog, const struct vnic_profile *profile,
		struct objections *objections)
{
	const struct network *network = catalog_network(catalog, profile->network);

	if (!*profile->network)
		objection_add(objections, "Network", REFUSAL_NETWORK_MISSING,
				"a profile needs a network: say Network=NAME");
	else if (!network)
		objection_add(objections, "Network", REFUSAL_NETWORK_MISSING,
				"there is no network %s: add it first (vfctl network add)",
				profile->network);
	else if (!network->vm)
		objection_add(objections, "Network", REFUSAL_NETWORK_NOT_FOR_VMS,
				"network %s carries no vNICs: use another, or say VM=yes there",
				profile->network);
	if (network && profile->fallback && !*network->bridge)
		objection_add(objections, "Fallback", REFUSAL_FALLBACK_NEEDS_BRIDGE,
				"network %s has no bridge to fall back to: say Bridge= there, or "
				"Fallback=no",
				profile->network);
}

void vnic_profile_check(const struct catalog *catalog, const struct vnic_profile *profile,
		struct objections *objections)
{
	check_network(catalog, profile, objections);
	if (profile->passthrough)
		check_passthrough(profile, catalog_network(catalog, profile->network), objections);
	else
		check_no_passthrough(profile, objections);
	if (*profile->failover)
		check_failover(catalog, profile, objections);
	if (profile->max_rate && profile->min_rate > profile->max_rate)
		objection_add(objections, "MinRate", REFUSAL_MIN_RATE_ABOVE_MAX_RATE,
				"MinRate=%u is above MaxRate=%u: lower it", profile->min_rate,
				profile->max_rate);
}

int vnic_profile_check_change(const struct catalog *catalog, const struct vnic_profile *old,
		const struct vnic_profile *fresh, struct err *err)
{
	CLEANUP(cleanup_free) char *users = catalog_vnics_of(catalog, old->head.name);

	if (!old->passthrough || !*users || definition_equal(&vnic_profile_kind, old, fresh))
		return 0;
	return refuse(err, REFUSAL_PROFILE_IN_USE,
			"profile %s is passthrough and in use by %.200s: move these to another "
			"profile first",
			old->head.name, users);
}

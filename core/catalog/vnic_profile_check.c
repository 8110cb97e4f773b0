/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/vnic_profile_check.h"

#include <string.h>

#include "base/cleanup.h"

/* The host sees none of a VF's frames, so it cannot mirror or filter them. */
static void check_passthrough(const struct vnic_profile *profile, const struct network *network,
		struct objections *objections)
{
	const struct {
		bool has;
		const char *key, *remedy;
	} unsupported[] = {
		{ profile->mirroring, "PortMirroring", "remove PortMirroring=" },
		{ *profile->qos, "QoS", "remove QoS=; MaxRate= limits the VF" },
		{ *profile->filter, "NetworkFilter",
				"remove NetworkFilter=; the VF keeps its spoof check" },
	};

	for (size_t i = 0; i < sizeof(unsupported) / sizeof(*unsupported); i++) {
		if (unsupported[i].has)
			objection_add(objections, unsupported[i].key,
					REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY,
					"a passthrough profile cannot have %s: %s",
					unsupported[i].key, unsupported[i].remedy);
	}
	if (network && network->isolated)
		objection_add(objections, "Passthrough", REFUSAL_PASSTHROUGH_UNSUPPORTED_PROPERTY,
				"a VF cannot have the port isolation of network %s: use another "
				"network, or Passthrough=no",
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
		{ profile->trust, "Trust" },
		{ profile->min_rate, "MinRate" },
		{ profile->max_rate, "MaxRate" },
	};

	for (size_t i = 0; i < sizeof(needing) / sizeof(*needing); i++) {
		if (needing[i].has)
			objection_add(objections, needing[i].key,
					REFUSAL_PROPERTY_NEEDS_PASSTHROUGH,
					"%s= concerns a VF: remove it, or set Passthrough=yes",
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
				"Failover= replaces a VF during a migration: set "
				"Passthrough=yes and Migratable=yes, or remove it");
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
				"profile %s is passthrough too, and unplugged during the same "
				"migration: name one without passthrough",
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
				"a profile needs a network: set Network=NAME");
	else if (!network)
		objection_add(objections, "Network", REFUSAL_NETWORK_MISSING,
				"there is no network %s: add it first (vfctl network add)",
				profile->network);
	else if (!network->vm)
		objection_add(objections, "Network", REFUSAL_NETWORK_NOT_FOR_VMS,
				"network %s carries no vNICs: use another, or set VM=yes there",
				profile->network);
	if (network && profile->fallback && !*network->bridge)
		objection_add(objections, "Fallback", REFUSAL_FALLBACK_NEEDS_BRIDGE,
				"network %s has no bridge to fall back to: set Bridge= there, or "
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

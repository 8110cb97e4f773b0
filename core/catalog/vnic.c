/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/vnic.h"

#include <string.h>

#include "base/cleanup.h"
#include "catalog/catalog.h"

static const struct property properties[] = {
	PROPERTY(vnic, vm, .key = "VM", .flag = "vm", .kind = PROPERTY_TEXT),
	PROPERTY(vnic, nic, .key = "NIC", .flag = "nic", .kind = PROPERTY_TEXT),
	PROPERTY(vnic, profile, .key = "Profile", .flag = "profile", .kind = PROPERTY_NAME),
	PROPERTY(vnic, passthrough, .key = "Passthrough", .flag = "passthrough",
			.kind = PROPERTY_BOOL),
	PROPERTY(vnic, linked, .key = "Linked", .flag = "linked", .kind = PROPERTY_BOOL,
			.preset = true),
	PROPERTY(vnic, plugged, .key = "Plugged", .flag = "plugged", .kind = PROPERTY_BOOL),
	PROPERTY(vnic, mac, .key = "MACAddress", .flag = "mac", .kind = PROPERTY_MAC),
	{ 0 },
};

const struct definition_kind vnic_kind = {
	.noun = "vNIC",
	.folder = "var/lib/vfctl/vnics",
	.suffix = ".vnic",
	.size = sizeof(struct vnic),
	.sections = { { "vNIC", properties } },
};

void vnic_check(const struct catalog *catalog, const struct vnic *vnic,
		struct objections *objections)
{
	const struct vnic_profile *profile = catalog_vnic_profile(catalog, vnic->profile);

	if (!profile)
		objection_add(objections, "Profile", REFUSAL_PROFILE_MISSING,
				"%s of VM %s: there is no profile %s: add it first (vfctl profile "
				"add)",
				vnic->nic, vnic->vm,
				*vnic->profile ? vnic->profile : "without name");
	else if (profile->passthrough != vnic->passthrough)
		objection_add(objections, "Passthrough", REFUSAL_VNIC_TYPE_MISMATCH,
				"%s of VM %s is %sa passthrough vNIC, and profile %s is %s: change "
				"one of them",
				vnic->nic, vnic->vm, vnic->passthrough ? "" : "not ", vnic->profile,
				profile->passthrough ? "passthrough" : "not");
	if (vnic->passthrough && !vnic->linked)
		objection_add(objections, "Linked", REFUSAL_PASSTHROUGH_UNLINKED,
				"%s of VM %s is passthrough and has no link that could be taken "
				"away: unplug it",
				vnic->nic, vnic->vm);
}

int vnic_check_change(const struct vnic *old, const struct vnic *fresh, struct err *err)
{
	struct vnic same = *fresh;

	same.plugged = old->plugged;
	if (!old->passthrough || !old->plugged || definition_equal(&vnic_kind, old, &same))
		return 0;
	return refuse(err, REFUSAL_PASSTHROUGH_PLUGGED,
			"%s of VM %s is passthrough and plugged: unplug it, change it, plug it",
			old->nic, old->vm);
}

int vnics_check_migration(const struct catalog *catalog, const char *vm, struct err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct string_set fixed = { 0 };

	for (size_t i = 0; i < catalog->vnics.count; i++) {
		const struct vnic *vnic = definition_at(&catalog->vnics, i);
		const struct vnic_profile *profile = catalog_vnic_profile(catalog, vnic->profile);

		if (strcmp(vnic->vm, vm) != 0 || !vnic->passthrough || !vnic->plugged)
			continue;
		if (!profile || !profile->migratable)
			string_set_add(&fixed, vnic->nic);
	}
	text = string_set_join(&fixed, ", ");
	string_set_free(&fixed);
	if (!*text)
		return 0;
	return refuse(err, REFUSAL_NOT_MIGRATABLE,
			"VM %s cannot migrate: %.200s are passthrough with profiles that are not "
			"migratable: unplug them, or say Migratable=yes in an unused profile",
			vm, text);
}

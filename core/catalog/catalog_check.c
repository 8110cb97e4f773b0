/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/catalog_check.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "catalog/vnic_profile_check.h"

static void check_allowlist(const struct catalog *catalog, const struct allowlist *allowlist,
		struct objections *objections)
{
	struct pf_selector card;
	const char *key;

	if (allowlist_selector(allowlist, &card, &key) < 0)
		objection_add(objections, key, REFUSAL_CARD_NOT_NAMED,
				"%s= does not name a card: give Path=, PermanentMACAddress=, "
				"Device= or Name=, as in policy files",
				key);
	if (allowlist->all && (allowlist->networks.count || allowlist->labels.count))
		objection_add(objections, "All", REFUSAL_CANNOT_SET_WHILE_ALL_ALLOWED,
				"All=yes contradicts a list: set All=no, or remove the lists");
	for (size_t i = 0; i < allowlist->networks.count; i++) {
		if (!catalog_network(catalog, allowlist->networks.list[i]))
			objection_add(objections, "Networks", REFUSAL_NETWORK_MISSING,
					"there is no network %s: add it first (vfctl network add), "
					"or remove it from the list",
					allowlist->networks.list[i]);
	}
}

static void check_vnic(const struct catalog *catalog, const struct vnic *vnic,
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
				"%s of VM %s is passthrough, whose link cannot be switched off: "
				"unplug it instead",
				vnic->nic, vnic->vm);
}

static void check_one(const struct catalog *catalog, const struct definition_kind *kind,
		const void *definition, struct objections *objections)
{
	if (kind == &vnic_profile_kind)
		vnic_profile_check(catalog, definition, objections);
	else if (kind == &allowlist_kind)
		check_allowlist(catalog, definition, objections);
	else if (kind == &vnic_kind)
		check_vnic(catalog, definition, objections);
}

static int report(const struct definition_kind *kind, const void *definition,
		struct objections *objections, struct diagnostics *diagnostics, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < objections->count; i++) {
		struct err *cause = &objections->list[i].err;
		CLEANUP(cleanup_free)
		char *place = definition_place(kind, definition, objections->list[i].key);

		err_prefix(cause, "%.200s: ", place);
		if (diagnostics)
			diagnostic_add(diagnostics, "%s [%s]", cause->msg, cause->refusal);
		if (err && !err->code)
			*err = *cause;
		rc = -cause->code;
	}
	return rc;
}

int catalog_check(const struct catalog *catalog, struct diagnostics *diagnostics, struct err *err)
{
	const struct definitions *lists[] = { &catalog->profiles, &catalog->allowlists,
		&catalog->vnics };
	int rc = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		for (size_t k = 0; k < lists[i]->count; k++) {
			const void *definition = definition_at(lists[i], k);
			struct objections objections = { 0 };
			int found;

			check_one(catalog, lists[i]->kind, definition, &objections);
			found = report(lists[i]->kind, definition, &objections, diagnostics, err);
			rc = found ? found : rc;
		}
	}
	return rc;
}

/* A plugged passthrough vNIC must not change, except to be unplugged. */
static int check_vnic_change(const struct vnic *old, const struct vnic *fresh, struct err *err)
{
	struct vnic same = *fresh;

	same.plugged = old->plugged;
	if (!old->passthrough || !old->plugged || definition_equal(&vnic_kind, old, &same))
		return 0;
	return refuse(err, REFUSAL_PASSTHROUGH_PLUGGED,
			"%s of VM %s is passthrough and plugged: unplug it, change it, plug it",
			old->nic, old->vm);
}

int catalog_check_change(const struct catalog *catalog, const struct definition_kind *kind,
		const void *old, const void *fresh, struct err *err)
{
	if (old && kind == &vnic_profile_kind)
		return vnic_profile_check_change(catalog, old, fresh, err);
	if (old && kind == &vnic_kind)
		return check_vnic_change(old, fresh, err);
	return 0;
}

/* Adds "profile fast", "allowlist 52-54-00-00-00-02". */
static void add_user(struct string_set *users, const struct definition_kind *kind,
		const struct definition *definition)
{
	CLEANUP(cleanup_free) char *text = text_format("%s %s", kind->noun, definition->name);

	string_set_add(users, text);
}

static void add_users_of_network(
		const struct catalog *catalog, const char *name, struct string_set *users)
{
	for (size_t i = 0; i < catalog->profiles.count; i++) {
		const struct vnic_profile *profile = definition_at(&catalog->profiles, i);

		if (!strcmp(profile->network, name))
			add_user(users, &vnic_profile_kind, &profile->head);
	}
	for (size_t i = 0; i < catalog->allowlists.count; i++) {
		const struct allowlist *allowlist = definition_at(&catalog->allowlists, i);

		if (string_set_has(&allowlist->networks, name))
			add_user(users, &allowlist_kind, &allowlist->head);
	}
}

static void add_users_of_profile(
		const struct catalog *catalog, const char *name, struct string_set *users)
{
	CLEANUP(cleanup_free) char *vnics = catalog_vnics_of(catalog, name);

	if (*vnics)
		string_set_add(users, vnics);
	for (size_t i = 0; i < catalog->profiles.count; i++) {
		const struct vnic_profile *profile = definition_at(&catalog->profiles, i);

		if (!strcmp(profile->failover, name) && strcmp(profile->head.name, name) != 0)
			add_user(users, &vnic_profile_kind, &profile->head);
	}
}

int catalog_check_unused(const struct catalog *catalog, const struct definition_kind *kind,
		const char *name, struct err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct string_set users = { 0 };

	if (kind == &network_kind)
		add_users_of_network(catalog, name, &users);
	else if (kind == &vnic_profile_kind)
		add_users_of_profile(catalog, name, &users);
	text = string_set_join(&users, ", ");
	string_set_free(&users);
	if (!*text)
		return 0;
	return refuse(err, kind == &network_kind ? REFUSAL_NETWORK_IN_USE : REFUSAL_PROFILE_IN_USE,
			"%s %s is in use by %.200s: change these first", kind->noun, name, text);
}

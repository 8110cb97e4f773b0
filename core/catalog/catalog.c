/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/catalog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/admin_file.h"

/*
 * Everything that is defined, and what holds between definitions. A change is tried in memory: it is
 * put in, and when any rule objects to what there is then, it is refused. As the catalog had no
 * error before, the change is to blame.
 */

static const struct definition_kind *const kinds[] = { &network_kind, &vnic_profile_kind,
	&allowlist_kind, &vnic_kind };

enum { KIND_COUNT = sizeof(kinds) / sizeof(*kinds) };

struct definitions *catalog_list(struct catalog *catalog, const struct definition_kind *kind)
{
	struct definitions *lists[KIND_COUNT] = { &catalog->networks, &catalog->profiles,
		&catalog->allowlists, &catalog->vnics };
	int i = 0;

	while (kinds[i] != kind)
		i++;
	return lists[i];
}

const struct network *catalog_network(const struct catalog *catalog, const char *name)
{
	return definition_find(&catalog->networks, name);
}

const struct vnic_profile *catalog_vnic_profile(const struct catalog *catalog, const char *name)
{
	return definition_find(&catalog->profiles, name);
}

char *catalog_vnics_of(const struct catalog *catalog, const char *profile)
{
	struct string_set users = { 0 };
	char *text;

	for (size_t i = 0; i < catalog->vnics.count; i++) {
		const struct vnic *vnic = definition_at(&catalog->vnics, i);
		CLEANUP(cleanup_free) char *name = file_path("%s/%s", vnic->vm, vnic->nic);

		if (!strcmp(vnic->profile, profile))
			string_set_add(&users, name);
	}
	text = string_set_join(&users, ", ");
	string_set_free(&users);
	return text;
}

/* What is said of one definition that others stand on: "profile fast, allowlist 52-54-00". */
static char *users_of_network(const struct catalog *catalog, const char *name)
{
	struct string_set users = { 0 };
	char *text;

	for (size_t i = 0; i < catalog->profiles.count; i++) {
		const struct vnic_profile *profile = definition_at(&catalog->profiles, i);
		CLEANUP(cleanup_free) char *told = file_path("profile %s", profile->head.name);

		if (!strcmp(profile->network, name))
			string_set_add(&users, told);
	}
	for (size_t i = 0; i < catalog->allowlists.count; i++) {
		const struct allowlist *allowlist = definition_at(&catalog->allowlists, i);
		CLEANUP(cleanup_free) char *told = file_path("allowlist %s", allowlist->head.name);

		if (string_set_has(&allowlist->networks, name))
			string_set_add(&users, told);
	}
	text = string_set_join(&users, ", ");
	string_set_free(&users);
	return text;
}

static char *users_of_profile(const struct catalog *catalog, const char *name)
{
	CLEANUP(cleanup_free) char *vnics = catalog_vnics_of(catalog, name);
	struct string_set users = { 0 };
	char *text;

	if (*vnics)
		string_set_add(&users, vnics);
	for (size_t i = 0; i < catalog->profiles.count; i++) {
		const struct vnic_profile *profile = definition_at(&catalog->profiles, i);
		CLEANUP(cleanup_free) char *told = file_path("profile %s", profile->head.name);

		if (!strcmp(profile->failover, name) && strcmp(profile->head.name, name) != 0)
			string_set_add(&users, told);
	}
	text = string_set_join(&users, ", ");
	string_set_free(&users);
	return text;
}

static void check_one(const struct catalog *catalog, const struct definition_kind *kind,
		const void *definition, struct objections *objections)
{
	if (kind == &vnic_profile_kind)
		vnic_profile_check(catalog, definition, objections);
	else if (kind == &allowlist_kind)
		allowlist_check(catalog, definition, objections);
	else if (kind == &vnic_kind)
		vnic_check(catalog, definition, objections);
}

/* The rules' objections to all that is there: each to DIAGNOSTICS, the first to ERR. */
static int check_all(struct catalog *catalog, struct diagnostics *diagnostics, struct err *err)
{
	int rc = 0;

	for (int i = 0; i < KIND_COUNT; i++) {
		const struct definitions *list = catalog_list(catalog, kinds[i]);

		for (size_t k = 0; k < list->count; k++) {
			const void *definition = definition_at(list, k);
			struct objections objections = { 0 };

			check_one(catalog, kinds[i], definition, &objections);
			for (size_t n = 0; n < objections.count; n++) {
				struct err *cause = &objections.list[n].err;
				CLEANUP(cleanup_free)
				char *place = definition_place(
						kinds[i], definition, objections.list[n].key);

				err_prefix(cause, "%.200s: ", place);
				if (diagnostics)
					diagnostic_add(diagnostics, "%s [%s]", cause->msg,
							cause->refusal);
				if (err && !err->code)
					*err = *cause;
				rc = -cause->code;
			}
		}
	}
	return rc;
}

int catalog_read(const struct host *host, struct catalog *catalog, struct diagnostics *diagnostics,
		struct err *err)
{
	int rc = 0;

	for (int i = 0; i < KIND_COUNT && !rc; i++)
		rc = definitions_read(
				host, kinds[i], catalog_list(catalog, kinds[i]), diagnostics, err);
	if (!rc)
		check_all(catalog, diagnostics, NULL);
	return rc;
}

int catalog_open(const struct host *host, struct catalog *catalog, struct err *err)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	int rc = catalog_read(host, catalog, &diagnostics, err);

	if (!rc && diagnostics.count)
		rc = err_set(err, EINVAL, "nothing is changed while a file is wrong: %.300s%s",
				diagnostics.lines[0],
				diagnostics.count > 1 ? " (vfctl network list tells more)" : "");
	return rc;
}

void catalog_free(struct catalog *catalog)
{
	for (int i = 0; i < KIND_COUNT; i++) {
		struct definitions *list = catalog_list(catalog, kinds[i]);

		if (list->kind)
			definitions_free(list);
	}
}

void cleanup_catalog(struct catalog *catalog)
{
	catalog_free(catalog);
}

static int store(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const void *definition, struct err *err)
{
	int rc;

	definition_put(catalog_list(catalog, kind), definition);
	rc = check_all(catalog, NULL, err);
	return rc < 0 ? rc : definition_save(host, kind, definition, err);
}

int catalog_add(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const void *definition, struct err *err)
{
	const char *name = ((const struct definition *)definition)->name;
	bool network = kind == &network_kind;

	if (definition_find(catalog_list(catalog, kind), name))
		return refuse(err, network ? REFUSAL_NETWORK_EXISTS : REFUSAL_PROFILE_EXISTS,
				"there is a %s %s already: vfctl %s change %s changes it",
				kind->noun, name, kind->noun, name);
	return store(host, catalog, kind, definition, err);
}

int catalog_missing(const struct definition_kind *kind, const char *name, struct err *err)
{
	return refuse(err,
			kind == &network_kind ? REFUSAL_NETWORK_MISSING : REFUSAL_PROFILE_MISSING,
			"there is no %s %.100s: vfctl %s list tells which there are", kind->noun,
			name, kind->noun);
}

int catalog_change(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const void *definition, struct err *err)
{
	const char *name = ((const struct definition *)definition)->name;
	const void *old = definition_find(catalog_list(catalog, kind), name);
	int rc = 0;

	if (!old && (kind == &network_kind || kind == &vnic_profile_kind))
		return catalog_missing(kind, name, err);
	if (kind == &vnic_profile_kind)
		rc = vnic_profile_check_change(catalog, old, definition, err);
	else if (kind == &vnic_kind && old)
		rc = vnic_check_change(old, definition, err);
	return rc < 0 ? rc : store(host, catalog, kind, definition, err);
}

int catalog_remove(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const char *name, struct err *err)
{
	CLEANUP(cleanup_free) char *users = NULL;

	if (!definition_find(catalog_list(catalog, kind), name))
		return catalog_missing(kind, name, err);
	if (kind == &network_kind)
		users = users_of_network(catalog, name);
	else if (kind == &vnic_profile_kind)
		users = users_of_profile(catalog, name);
	if (users && *users)
		return refuse(err,
				kind == &network_kind ? REFUSAL_NETWORK_IN_USE
						      : REFUSAL_PROFILE_IN_USE,
				"%s %s is in use by %.200s: change these first", kind->noun, name,
				users);
	definition_drop(catalog_list(catalog, kind), name);
	return definition_remove(host, kind, name, err);
}

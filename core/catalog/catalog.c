/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/catalog.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

const struct definition_kind *const catalog_kinds[CATALOG_KINDS] = { &network_kind,
	&vnic_profile_kind, &allowlist_kind, &vnic_kind };

struct definitions *catalog_list(struct catalog *catalog, const struct definition_kind *kind)
{
	struct definitions *lists[CATALOG_KINDS] = { &catalog->networks, &catalog->profiles,
		&catalog->allowlists, &catalog->vnics };
	int i = 0;

	while (catalog_kinds[i] != kind)
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
		CLEANUP(cleanup_free) char *name = text_format("%s/%s", vnic->vm, vnic->nic);

		if (!strcmp(vnic->profile, profile))
			string_set_add(&users, name);
	}
	text = string_set_join(&users, ", ");
	string_set_free(&users);
	return text;
}

void catalog_free(struct catalog *catalog)
{
	for (int i = 0; i < CATALOG_KINDS; i++) {
		struct definitions *list = catalog_list(catalog, catalog_kinds[i]);

		if (list->kind)
			definitions_free(list);
	}
}

void cleanup_catalog(struct catalog *catalog)
{
	catalog_free(catalog);
}

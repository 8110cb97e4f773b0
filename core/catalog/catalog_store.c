/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/catalog_store.h"

#include <errno.h>

#include "base/cleanup.h"
#include "catalog/catalog_check.h"
#include "catalog/definition_files.h"

int catalog_read(const struct host *host, struct catalog *catalog, struct diagnostics *diagnostics,
		struct err *err)
{
	int rc = 0;

	for (int i = 0; i < CATALOG_KINDS && !rc; i++)
		rc = definitions_read(host, catalog_kinds[i],
				catalog_list(catalog, catalog_kinds[i]), diagnostics, err);
	if (!rc)
		catalog_check(catalog, diagnostics, NULL);
	return rc;
}

int catalog_open(const struct host *host, struct catalog *catalog, struct err *err)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	int rc = catalog_read(host, catalog, &diagnostics, err);

	if (!rc && diagnostics.count)
		rc = err_set(err, EINVAL, "nothing is changed while a file is wrong: %.300s%s",
				diagnostics.lines[0],
				diagnostics.count > 1 ? " (vfctl network list shows all errors)"
						      : "");
	return rc;
}

/* The catalog was valid before, so DEFINITION is at fault for any broken rule. */
static int store(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const void *definition, struct err *err)
{
	int rc;

	definition_put(catalog_list(catalog, kind), definition);
	rc = catalog_check(catalog, NULL, err);
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
			"there is no %s %.100s: vfctl %s list shows all", kind->noun, name,
			kind->noun);
}

int catalog_change(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const void *definition, struct err *err)
{
	const char *name = ((const struct definition *)definition)->name;
	const void *old = definition_find(catalog_list(catalog, kind), name);
	int rc;

	if (!old && (kind == &network_kind || kind == &vnic_profile_kind))
		return catalog_missing(kind, name, err);
	rc = catalog_check_change(catalog, kind, old, definition, err);
	return rc < 0 ? rc : store(host, catalog, kind, definition, err);
}

int catalog_remove(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const char *name, struct err *err)
{
	int rc;

	if (!definition_find(catalog_list(catalog, kind), name))
		return catalog_missing(kind, name, err);
	rc = catalog_check_unused(catalog, kind, name, err);
	if (rc < 0)
		return rc;
	definition_drop(catalog_list(catalog, kind), name);
	return definition_remove(host, kind, name, err);
}

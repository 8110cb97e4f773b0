/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_CATALOG_CHECK_H
#define CATALOG_CATALOG_CHECK_H

#include "catalog/catalog.h"

/*
 * The rules between definitions: a profile's network exists, a passthrough profile does not change
 * while vNICs use it, and so on. Each has its own name, see sriov/refusal.h.
 */

/* Checks all definitions. DIAGNOSTICS gets each violation as FILE:LINE:COLUMN: what [name], ERR
 * the first; either may be NULL. */
int catalog_check(const struct catalog *catalog, struct diagnostics *diagnostics, struct err *err);

/* Whether FRESH may replace OLD; catalog_check() checks the result separately. OLD is NULL for a
 * new definition. */
int catalog_check_change(const struct catalog *catalog, const struct definition_kind *kind,
		const void *old, const void *fresh, struct err *err);

/* Whether no other definition uses the one with that name. */
int catalog_check_unused(const struct catalog *catalog, const struct definition_kind *kind,
		const char *name, struct err *err);

#endif

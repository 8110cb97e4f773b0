/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_CATALOG_STORE_H
#define CATALOG_CATALOG_STORE_H

#include "catalog/catalog.h"
#include "host/host.h"

/*
 * The catalog of a host in its files. A change is made in memory and checked against all rules;
 * then one file is written or removed, so that the stored catalog always follows the rules. Running
 * VMs keep what they have.
 */

/* Reads and checks all files. DIAGNOSTICS gets their errors and the broken rules, each with its
 * position. Fails only if a folder cannot be read. */
int catalog_read(const struct host *host, struct catalog *catalog, struct diagnostics *diagnostics,
		struct err *err);

/* Reads all files for a change; the caller holds the lock (lock_take()). -EINVAL: they have
 * errors, so that a change could not be checked. */
int catalog_open(const struct host *host, struct catalog *catalog, struct err *err);

/* catalog_add() stores a new network or profile; catalog_change() stores a changed one, or an
 * allowlist or vNIC, new or changed; catalog_remove() removes a network or profile. After a refusal
 * the files are unchanged but CATALOG is not: the caller can only free it. */
int catalog_add(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const void *definition, struct err *err);
int catalog_change(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const void *definition, struct err *err);
int catalog_remove(const struct host *host, struct catalog *catalog,
		const struct definition_kind *kind, const char *name, struct err *err);

/* Sets ERR to the refusal that there is no such network or profile, and returns its code. */
int catalog_missing(const struct definition_kind *kind, const char *name, struct err *err);

#endif

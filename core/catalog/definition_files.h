/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_DEFINITION_FILES_H
#define CATALOG_DEFINITION_FILES_H

#include "catalog/definition.h"
#include "host/host.h"

/* Definitions in files FOLDER/NAME.SUFFIX of a host, which may be edited by hand. A file is replaced
 * as a whole or not at all. */

/* Reads all definitions of KIND. DIAGNOSTICS gets the errors of the files, and LIST what could
 * be parsed. Fails only if the folder cannot be read; a missing folder counts as empty. */
int definitions_read(const struct host *host, const struct definition_kind *kind,
		struct definitions *list, struct diagnostics *diagnostics, struct err *err);

int definition_save(const struct host *host, const struct definition_kind *kind,
		const void *definition, struct err *err);
int definition_remove(const struct host *host, const struct definition_kind *kind, const char *name,
		struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_DEFINITION_H
#define CATALOG_DEFINITION_H

#include "catalog/property.h"
#include "host/host.h"

/*
 * Definitions: named things that an administrator has made up (a network, a vNIC profile, ...), each
 * in a file FOLDER/NAME.SUFFIX of its own, with one or two sections of properties. Files may be
 * edited by hand; one is replaced whole, or not at all.
 */

/* The beginning of struct network and the like. */
struct definition {
	char name[NAME_MOST + 1];
	struct ini *source; /* its file, NULL: it is not from one */
};

struct definition_kind {
	const char *noun;   /* "network" */
	const char *folder; /* below the root: "etc/vfctl/networks" */
	const char *suffix; /* ".network" */
	size_t size;        /* of its struct */
	struct {
		const char *name;
		const struct property *properties;
	} sections[3]; /* the last without name */
};

struct definitions {
	const struct definition_kind *kind;
	size_t count;
	char *items; /* in the order of their names */
};

/* All of KIND; what is wrong with files is in DIAGNOSTICS, those files' definitions are there as far
 * as they could be read. An error only where the folder cannot be read; an absent one is empty. */
int definitions_read(const struct host *host, const struct definition_kind *kind,
		struct definitions *list, struct diagnostics *diagnostics, struct err *err);
void definitions_free(struct definitions *list);

void *definition_at(const struct definitions *list, size_t index);
void *definition_find(const struct definitions *list, const char *name); /* or NULL */

/* Puts a deep copy in, in place of the one of the same name; and takes one out. */
void definition_put(struct definitions *list, const void *definition);
void definition_drop(struct definitions *list, const char *name);

void definition_preset(const struct definition_kind *kind, void *definition, const char *name);
void definition_copy(const struct definition_kind *kind, const void *from, void *to);
void definition_free(const struct definition_kind *kind, void *definition);
bool definition_equal(const struct definition_kind *kind, const void *a, const void *b);

/* As text of its file, for the caller to free; and from it, as SOURCE:LINE:COLUMN diagnostics. */
char *definition_print(const struct definition_kind *kind, const void *definition);
void definition_parse(const struct definition_kind *kind, const char *source, const char *text,
		void *definition, struct diagnostics *diagnostics);

/* Name and all properties. */
struct record *definition_record(const struct definition_kind *kind, const void *definition);

/* "/etc/vfctl/networks/red.network:4:8", the place of KEY, or "network red" where it is from no file;
 * for the caller to free. */
char *definition_place(const struct definition_kind *kind, const void *definition, const char *key);

int definition_save(const struct host *host, const struct definition_kind *kind,
		const void *definition, struct err *err);
int definition_remove(const struct host *host, const struct definition_kind *kind, const char *name,
		struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_DEFINITION_H
#define CATALOG_DEFINITION_H

#include "base/name.h"
#include "catalog/property.h"

/*
 * A definition is a named struct that an administrator creates (a network, a vNIC profile, ...). Its
 * typed properties are the keys of one INI file, in one or more sections.
 */

/* The first member of struct network and the like. */
struct definition {
	char name[NAME_MOST + 1];
	struct ini *source; /* the file it was parsed from, or NULL */
};

struct definition_kind {
	const char *noun;   /* "network" */
	const char *folder; /* below the root: "etc/vfctl/networks" */
	const char *suffix; /* ".network" */
	size_t size;        /* size of its struct */
	struct {
		const char *name;
		const struct property *properties;
	} sections[3]; /* the last one has no name */
};

void definition_init(const struct definition_kind *kind, void *definition, const char *name);
void definition_copy(const struct definition_kind *kind, const void *from, void *to); /* deep */
void definition_free(const struct definition_kind *kind, void *definition);
bool definition_equal(const struct definition_kind *kind, const void *a, const void *b);

/* Returns the text of its file, for the caller to free. */
char *definition_print(const struct definition_kind *kind, const void *definition);

/* Parses TEXT into a definition that definition_init() has set up. DIAGNOSTICS gets each error
 * as FILE:LINE:COLUMN. In spite of errors, sets what could be parsed. */
void definition_parse(const struct definition_kind *kind, const char *file, const char *text,
		void *definition, struct diagnostics *diagnostics);

/* Returns a JSON object with the name and all properties. */
struct record *definition_to_record(const struct definition_kind *kind, const void *definition);

/* Returns where KEY is set, "/etc/vfctl/networks/red.network:4:8", or "network red" for a
 * definition that was not parsed from a file; for the caller to free. */
char *definition_place(const struct definition_kind *kind, const void *definition, const char *key);

/* Definitions of one kind, sorted by name. */
struct definitions {
	const struct definition_kind *kind;
	size_t count;
	char *items;
};

void definitions_free(struct definitions *list);
void *definition_at(const struct definitions *list, size_t index);
void *definition_find(const struct definitions *list, const char *name); /* or NULL */

/* Replaces the definition of that name by an initialised one, and returns it. */
void *definition_add(struct definitions *list, const char *name);

/* Stores a deep copy in place of the definition of the same name. */
void definition_put(struct definitions *list, const void *definition);
void definition_drop(struct definitions *list, const char *name);

#endif

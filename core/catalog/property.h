/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_PROPERTY_H
#define CATALOG_PROPERTY_H

#include <stdint.h>
#include <stdio.h>

#include "base/diagnostics.h"
#include "base/string_set.h"
#include "command/verb.h"
#include "data/ini.h"
#include "data/record.h"

/*
 * Typed properties of a struct, described once for INI files, command-line flags and JSON: a const
 * table, whose last entry has no key, gives the place of each property in the struct and its text
 * form. Members of the struct that are not in the table are left alone.
 */
enum property_kind {
	PROPERTY_BOOL,   /* bool: yes or no */
	PROPERTY_NUMBER, /* uint32_t: 0, or in [min, max] */
	PROPERTY_NAME,   /* char[size]: a name by name_is_valid(), or "" */
	PROPERTY_TEXT,   /* char[size]: one line */
	PROPERTY_MAC,    /* char[MAC_TEXT]: an Ethernet address, or "" */
	PROPERTY_NAMES,  /* struct string_set: in a file separated by spaces; the key may repeat */
};

struct property {
	const char *key; /* in files: "VLANId" */
	/* A table with its flag on the command line, "vlan". JSON has _ for -. */
	struct flag flag[2];
	enum property_kind kind;
	size_t offset, size;
	uint32_t min, max;
	bool default_yes; /* a PROPERTY_BOOL that defaults to yes; other defaults are 0 or empty */
};

#define PROPERTY(type, member, ...)                                        \
	{                                                                  \
		.offset = offsetof(struct type, member),                   \
		.size = sizeof(((struct type *)NULL)->member), __VA_ARGS__ \
	}

/* Sets the defaults in a zeroed struct. */
void properties_init(const struct property *table, void *object);

/* Sets one property from TEXT; "" resets it to 0 or empty, which is an error for a bool. Names
 * replace the previous ones. Errors call the property NAME ("--vlan", "VLANId="). -EINVAL. */
int property_set(const struct property *property, void *object, const char *name, const char *text,
		struct err *err);

/* Sets the properties from the keys of SECTION. DIAGNOSTICS gets invalid values and unknown
 * keys. */
void properties_parse(const struct property *table, const struct ini *ini,
		const struct ini_section *section, void *object, struct diagnostics *diagnostics);

/* Prints Key=value lines for the properties that differ from their defaults. */
void properties_print(const struct property *table, const void *object, FILE *out);

/* Returns one value for the caller to free; "" for 0 or empty. */
char *property_text(const struct property *property, const void *object);

/* Puts all properties into the JSON object RECORD. */
void properties_to_record(const struct property *table, const void *object, struct record *record);

void properties_copy(const struct property *table, const void *from, void *to); /* deep copy */
bool properties_equal(const struct property *table, const void *a, const void *b);
void properties_free(const struct property *table, void *object);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CATALOG_PROPERTY_H
#define CATALOG_PROPERTY_H

#include <stdio.h>

#include "base/diagnostics.h"
#include "base/ini.h"
#include "base/name.h"
#include "base/record.h"
#include "base/string_set.h"

/*
 * The properties of a definition, told once for files, command line, and JSON: a table of them,
 * which ends with one without a key, says where each lies in a struct and how it is written.
 */
enum property_kind {
	PROPERTY_BOOL,   /* bool: yes or no */
	PROPERTY_NUMBER, /* uint32_t: 0, or in [min, max] */
	PROPERTY_NAME,   /* char[size]: as name_is_valid(), or "" */
	PROPERTY_TEXT,   /* char[size]: one line */
	PROPERTY_MAC,    /* char[MAC_TEXT]: an Ethernet address, or "" */
	PROPERTY_NAMES,  /* struct string_set: in a file separated by spaces, the key may repeat */
};

struct property {
	const char *key;  /* in files: "VLANId" */
	const char *flag; /* on the command line: "vlan"; JSON has _ for - */
	enum property_kind kind;
	size_t offset, size;
	uint32_t min, max;
	bool preset; /* of a PROPERTY_BOOL that is not given; all else is 0 or empty then */
	const char *value, *help; /* as in struct flag */
};

#define PROPERTY(type, member, ...)                                        \
	{                                                                  \
		.offset = offsetof(struct type, member),                   \
		.size = sizeof(((struct type *)NULL)->member), __VA_ARGS__ \
	}

/* OBJECT is the struct; all of these leave what is not in the table alone. */
void properties_preset(const struct property *table, void *object);

/* TOLD ("--vlan", "VLANId=") names the property in errors. Text "" unsets, except a bool; names
 * replace those before. -EINVAL. */
int property_set(const struct property *property, void *object, const char *told, const char *text,
		struct err *err);

/* The keys of SECTION; what is wrong with them, and those that are unknown, are diagnostics. */
void properties_read(const struct property *table, const struct ini *ini,
		const struct ini_section *section, void *object, struct diagnostics *diagnostics);

/* Key=value lines for what is not as preset. */
void properties_write(const struct property *table, const void *object, FILE *out);

/* One value as a person reads it, for the caller to free; "" for what is unset. */
char *property_text(const struct property *property, const void *object);
void properties_record(const struct property *table, const void *object, struct record *record);

void properties_copy(const struct property *table, const void *from, void *to); /* deep */
bool properties_equal(const struct property *table, const void *a, const void *b);
void properties_free(const struct property *table, void *object);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_INI_H
#define DATA_INI_H

#include <stddef.h>

#include "base/err.h"

/*
 * Files in the form of systemd-networkd's: [Section] and [Section name], Key=value, comments
 * from # or ; at the start of a line, a backslash at the end of a line that is no comment
 * joins the next one that is none. A byte order mark of UTF-8 and lines that end in CR LF are fine.
 * Sections and keys may repeat and keep their order. Errors read FILE:LINE:COLUMN: what.
 */
struct ini_entry {
	const char *key, *value; /* value without spaces around it */
	unsigned line, column;   /* of the key, from 1 */
	unsigned value_column;
};

struct ini_section {
	const char *kind; /* "Device" of [Device rp1] */
	const char *name; /* "rp1", or "" */
	unsigned line;
	struct ini_entry *entries;
	size_t count;
};

struct ini {
	const char *file; /* as it is named in errors */
	struct ini_section *sections;
	size_t count;
	char *text; /* what the strings point into */
};

/* TEXT is copied. The result is the caller's, for ini_free(). */
int ini_parse(const char *file, const char *text, struct ini **ini, struct err *err);
int ini_load(int dir_fd, const char *path, struct ini **ini, struct err *err);

/* The same, but complains of every line that is wrong and leaves it out, below a wrong section
 * header all lines. */
struct diagnostics; /* base/diagnostics.h */
struct ini *ini_parse_all(const char *file, const char *text, struct diagnostics *diagnostics);

void ini_free(struct ini *ini);
void cleanup_ini(struct ini **ini);

/* The first section of that kind (and name, unless NULL), or NULL. */
const struct ini_section *ini_section(const struct ini *ini, const char *kind, const char *name);

/* The last value of the key in the section, or NULL. SECTION may be NULL. */
const char *ini_value(const struct ini_section *section, const char *key);

/* -EINVAL with FILE:LINE:COLUMN for the first key of SECTION that is not in KNOWN, an array
 * that ends with NULL. */
int ini_check_keys(const struct ini *ini, const struct ini_section *section,
		const char *const known[], struct err *err);

/* -EINVAL: what is wrong with the last value of KEY, or with its absence: FILE:LINE:COLUMN: [Kind
 * name] KEY= WHAT. */
int ini_complain(const struct ini *ini, const struct ini_section *section, const char *key,
		const char *what, struct err *err);

/* The same of an entry, as one of all that is wrong: FILE:LINE:COLUMN: what. */
void ini_diagnose(struct diagnostics *diagnostics, const struct ini *ini,
		const struct ini_entry *entry, const char *format, ...)
		__attribute__((format(printf, 4, 5)));

#endif

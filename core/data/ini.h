/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_INI_H
#define DATA_INI_H

#include <stddef.h>

#include "base/err.h"

/*
 * Files in the format of systemd-networkd: [Section] and [Section name], Key=value, comments from #
 * or ; at the start of a line. A backslash at the end of a line that is not a comment joins the
 * next line that is not a comment. A byte order mark of UTF-8 and CR LF line ends are accepted.
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
	const char *file; /* as errors name it */
	struct ini_section *sections;
	size_t count;
	char *text; /* the text that the strings point into */
};

/* Copies TEXT. The caller passes the result to ini_free(). */
int ini_parse(const char *file, const char *text, struct ini **ini, struct err *err);
int ini_load(int dir_fd, const char *path, struct ini **ini, struct err *err);

/* The same, but reports every line with an error and leaves it out; after an invalid section
 * header it leaves out all lines of that section. */
struct diagnostics; /* base/diagnostics.h */
struct ini *ini_parse_all(const char *file, const char *text, struct diagnostics *diagnostics);

void ini_free(struct ini *ini);
void cleanup_ini(struct ini **ini);

/* Returns the first section of that kind (and name, unless NULL), or NULL. */
const struct ini_section *ini_section(const struct ini *ini, const char *kind, const char *name);

/* Returns the last value of the key in the section, or NULL. SECTION may be NULL. */
const char *ini_value(const struct ini_section *section, const char *key);

/* -EINVAL with FILE:LINE:COLUMN for the first key of SECTION that is not in KNOWN, an array
 * that ends with NULL. */
int ini_check_keys(const struct ini *ini, const struct ini_section *section,
		const char *const known[], struct err *err);

/* Returns -EINVAL and reports an error in the last value of KEY, or its absence:
 * FILE:LINE:COLUMN: [Kind name] KEY= WHAT. */
int ini_complain(const struct ini *ini, const struct ini_section *section, const char *key,
		const char *what, struct err *err);

/* The same for an entry, added to DIAGNOSTICS: FILE:LINE:COLUMN: what. */
void ini_diagnose(struct diagnostics *diagnostics, const struct ini *ini,
		const struct ini_entry *entry, const char *format, ...)
		__attribute__((format(printf, 4, 5)));

#endif

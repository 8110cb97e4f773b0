/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/ini.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diagnostics.h"
#include "base/file.h"
#include "base/text.h"

/* The byte order mark of UTF-8, which some editors write first. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

#define INI_LIMIT (1u << 20) /* in bytes; a real file has a few hundred */

/* A position in the text, which is cut into strings in place. */
struct cursor {
	struct ini *ini;
	struct diagnostics *diagnostics;
	char *rest;
	unsigned line;
};

static int complain(const struct cursor *at, const char *where, const char *line_start,
		const char *what)
{
	diagnostic_add(at->diagnostics, "%s:%u:%u: %s", at->ini->file, at->line,
			(unsigned)(where - line_start) + 1, what);
	return -EINVAL;
}

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t\r");
	length = strlen(text);
	while (length && strchr(" \t\r", text[length - 1]))
		text[--length] = '\0';
	return text;
}

static bool is_comment(const char *line)
{
	line += strspn(line, " \t");
	return *line == '#' || *line == ';';
}

/* Cuts off the next logical line. A backslash at its end joins the next line; one space replaces
 * the break and the spaces around it. As in systemd, a comment is neither joined to the line after
 * it nor ends a continued line. LINES counts the physical lines. */
static char *next_line(struct cursor *at, unsigned *lines)
{
	char *line = at->rest, *from = line, *to = line;

	if (!line || !*line)
		return NULL;
	for (*lines = 1;; (*lines)++) {
		size_t length = strcspn(from, "\n");
		bool last = !from[length], comment = is_comment(from);
		bool joined = !last && (comment ? *lines > 1 : length && from[length - 1] == '\\');

		if (!comment || *lines == 1) {
			memmove(to, from, length);
			to += length;
		}
		from += length + !last;
		if (!joined) {
			at->rest = last ? NULL : from;
			*to = '\0';
			return line;
		}
		if (!comment) {
			to--;
			while (to > line && strchr(" \t", to[-1]))
				to--;
			*to++ = ' ';
		}
		from += strspn(from, " \t");
	}
}

static void *grow(void *array, size_t count, size_t size)
{
	/* Room for 1, 2, 4, ... elements: grows when the count is a power of two. */
	if (count & (count - 1))
		return array;
	array = realloc(array, (count ? 2 * count : 1) * size);
	if (!array)
		abort();
	return array;
}

static int parse_section(struct cursor *at, char *line)
{
	struct ini *ini = at->ini;
	char *start = line + strspn(line, " \t"), *end = strchr(start, ']'), *name;

	if (!end)
		return complain(at, start, line, "a section needs a closing ]");
	if (*trim(end + 1))
		return complain(at, end + 1, line, "unexpected text after ]");
	*end = '\0';
	start = trim(start + 1);
	name = start + strcspn(start, " \t");
	if (*name)
		*name++ = '\0';
	if (!*start)
		return complain(at, start, line, "a section needs a name");
	ini->sections = grow(ini->sections, ini->count, sizeof(*ini->sections));
	ini->sections[ini->count++] =
			(struct ini_section){ .kind = start, .name = trim(name), .line = at->line };
	return 0;
}

static int parse_entry(struct cursor *at, char *line)
{
	struct ini_section *section =
			at->ini->count ? &at->ini->sections[at->ini->count - 1] : NULL;
	char *key = line + strspn(line, " \t"), *equals = strchr(key, '='), *value;

	if (!equals)
		return complain(at, key, line, "expected Key=value or [Section]");
	if (!section)
		return complain(at, key, line, "a key before the first [Section]");
	*equals = '\0';
	if (!*trim(key))
		return complain(at, equals, line, "a key is missing before =");
	value = trim(equals + 1);
	section->entries = grow(section->entries, section->count, sizeof(*section->entries));
	section->entries[section->count++] = (struct ini_entry){ .key = trim(key),
		.value = value,
		.line = at->line,
		.column = (unsigned)(key - line) + 1,
		.value_column = (unsigned)(value - line) + 1 };
	return 0;
}

struct ini *ini_parse_all(const char *file, const char *text, struct diagnostics *diagnostics)
{
	struct ini *ini = calloc(1, sizeof(*ini));
	struct cursor at = { .ini = ini, .diagnostics = diagnostics, .line = 1 };
	size_t name_length = strlen(file) + 1;
	bool astray = false; /* below an invalid section header */
	unsigned lines;
	char *line;

	if (!ini)
		abort();
	/* One allocation: the name of the file, then the text. */
	ini->text = text_format("%s%c%s", file, '\n', text);
	ini->text[name_length - 1] = '\0';
	ini->file = ini->text;
	at.rest = ini->text + name_length;
	if (!strncmp(at.rest, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)))
		at.rest += strlen(BYTE_ORDER_MARK);
	for (; (line = next_line(&at, &lines)); at.line += lines) {
		char first = line[strspn(line, " \t\r")];

		if (first == '[')
			astray = parse_section(&at, line) < 0;
		else if (first && first != '#' && first != ';' && !astray)
			parse_entry(&at, line);
	}
	return ini;
}

int ini_parse(const char *file, const char *text, struct ini **ini, struct err *err)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };
	CLEANUP(cleanup_ini) struct ini *fresh = ini_parse_all(file, text, &diagnostics);

	if (diagnostics.count)
		return err_set(err, EINVAL, "%s", diagnostics.lines[0]);
	*ini = TAKE(fresh);
	return 0;
}

int ini_load(int dir_fd, const char *path, struct ini **ini, struct err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length;
	int rc = file_read(dir_fd, path, INI_LIMIT, &text, &length, err);

	if (!rc)
		rc = file_check_text(path, text, length, err);
	if (rc < 0)
		return rc;
	return ini_parse(path, text, ini, err);
}

void ini_free(struct ini *ini)
{
	if (!ini)
		return;
	for (size_t i = 0; i < ini->count; i++)
		free(ini->sections[i].entries);
	free(ini->sections);
	free(ini->text);
	free(ini);
}

void cleanup_ini(struct ini **ini)
{
	ini_free(*ini);
}

const struct ini_section *ini_section(const struct ini *ini, const char *kind, const char *name)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		if (!strcmp(section->kind, kind) && (!name || !strcmp(section->name, name)))
			return section;
	}
	return NULL;
}

static const struct ini_entry *last_entry(const struct ini_section *section, const char *key)
{
	for (size_t i = section ? section->count : 0; i > 0; i--) {
		if (!strcmp(section->entries[i - 1].key, key))
			return &section->entries[i - 1];
	}
	return NULL;
}

const char *ini_value(const struct ini_section *section, const char *key)
{
	const struct ini_entry *entry = last_entry(section, key);

	return entry ? entry->value : NULL;
}

int ini_check_keys(const struct ini *ini, const struct ini_section *section,
		const char *const known[], struct err *err)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];
		bool found = false;

		for (size_t k = 0; known[k] && !found; k++)
			found = !strcmp(known[k], entry->key);
		if (!found)
			return err_set(err, EINVAL, "%s:%u:%u: unknown key %s in [%s]", ini->file,
					entry->line, entry->column, entry->key, section->kind);
	}
	return 0;
}

int ini_complain(const struct ini *ini, const struct ini_section *section, const char *key,
		const char *what, struct err *err)
{
	const struct ini_entry *entry = last_entry(section, key);

	return err_set(err, EINVAL, "%s:%u:%u: [%s%s%s] %s= %s", ini->file,
			entry ? entry->line : section->line, entry ? entry->value_column : 1,
			section->kind, *section->name ? " " : "", section->name, key, what);
}

void ini_diagnose(struct diagnostics *diagnostics, const struct ini *ini,
		const struct ini_entry *entry, const char *format, ...)
{
	CLEANUP(cleanup_free) char *what = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&what, format, args) < 0)
		abort();
	va_end(args);
	diagnostic_add(diagnostics, "%s:%u:%u: %s", ini->file, entry->line, entry->value_column,
			what);
}

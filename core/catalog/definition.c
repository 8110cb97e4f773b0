/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/definition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/admin_file.h"

/*
 * A list holds its definitions one after another, each kind->size bytes, sorted by name, which is
 * the order in which the folder's files are read.
 */

void *definition_at(const struct definitions *list, size_t index)
{
	return list->items + index * list->kind->size;
}

/* The first whose name is not before NAME. */
static size_t position(const struct definitions *list, const char *name)
{
	size_t at = 0;

	while (at < list->count &&
			strcmp(((struct definition *)definition_at(list, at))->name, name) < 0)
		at++;
	return at;
}

void *definition_find(const struct definitions *list, const char *name)
{
	size_t at = position(list, name);
	struct definition *found = definition_at(list, at);

	return at < list->count && !strcmp(found->name, name) ? found : NULL;
}

void definition_preset(const struct definition_kind *kind, void *definition, const char *name)
{
	struct definition *head = definition;

	memset(definition, 0, kind->size);
	snprintf(head->name, sizeof(head->name), "%s", name);
	for (int i = 0; kind->sections[i].name; i++)
		properties_preset(kind->sections[i].properties, definition);
}

void definition_copy(const struct definition_kind *kind, const void *from, void *to)
{
	definition_preset(kind, to, ((const struct definition *)from)->name);
	for (int i = 0; kind->sections[i].name; i++)
		properties_copy(kind->sections[i].properties, from, to);
}

void definition_free(const struct definition_kind *kind, void *definition)
{
	for (int i = 0; kind->sections[i].name; i++)
		properties_free(kind->sections[i].properties, definition);
	ini_free(((struct definition *)definition)->source);
}

bool definition_equal(const struct definition_kind *kind, const void *a, const void *b)
{
	for (int i = 0; kind->sections[i].name; i++) {
		if (!properties_equal(kind->sections[i].properties, a, b))
			return false;
	}
	return true;
}

/* A place for one at INDEX, not yet filled. */
static void *make_room(struct definitions *list, size_t index)
{
	size_t size = list->kind->size;

	list->items = reallocarray(list->items, list->count + 1, size);
	if (!list->items)
		abort();
	memmove(list->items + (index + 1) * size, list->items + index * size,
			(list->count - index) * size);
	list->count++;
	return definition_at(list, index);
}

void definition_put(struct definitions *list, const void *definition)
{
	const char *name = ((const struct definition *)definition)->name;

	definition_drop(list, name);
	definition_copy(list->kind, definition, make_room(list, position(list, name)));
}

void definition_drop(struct definitions *list, const char *name)
{
	char *found = definition_find(list, name);
	size_t size = list->kind->size;

	if (!found)
		return;
	definition_free(list->kind, found);
	memmove(found, found + size, (size_t)(list->items + list->count * size - found) - size);
	list->count--;
}

void definitions_free(struct definitions *list)
{
	for (size_t i = 0; i < list->count; i++)
		definition_free(list->kind, definition_at(list, i));
	free(list->items);
	*list = (struct definitions){ 0 };
}

static const struct property *properties_of(const struct definition_kind *kind, const char *section)
{
	for (int i = 0; kind->sections[i].name; i++) {
		if (!strcmp(kind->sections[i].name, section))
			return kind->sections[i].properties;
	}
	return NULL;
}

void definition_parse(const struct definition_kind *kind, const char *source, const char *text,
		void *definition, struct diagnostics *diagnostics)
{
	struct ini *ini = ini_parse_all(source, text, diagnostics);

	((struct definition *)definition)->source = ini;
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];
		const struct property *table = properties_of(kind, section->kind);

		if (table && !*section->name)
			properties_read(table, ini, section, definition, diagnostics);
		else
			diagnostic_add(diagnostics, "%s:%u:1: unknown section [%s%s%s]", source,
					section->line, section->kind, *section->name ? " " : "",
					section->name);
	}
	for (int i = 0; kind->sections[i].name; i++) {
		if (!ini_section(ini, kind->sections[i].name, ""))
			diagnostic_add(diagnostics, "%s:1:1: there is no section [%s]", source,
					kind->sections[i].name);
	}
}

char *definition_print(const struct definition_kind *kind, const void *definition)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	for (int i = 0; kind->sections[i].name; i++) {
		fprintf(out, "%s[%s]\n", i ? "\n" : "", kind->sections[i].name);
		properties_write(kind->sections[i].properties, definition, out);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}

struct record *definition_record(const struct definition_kind *kind, const void *definition)
{
	struct record *record = record_object();

	record_put_str(record, "name", ((const struct definition *)definition)->name);
	for (int i = 0; kind->sections[i].name; i++)
		properties_record(kind->sections[i].properties, definition, record);
	return record;
}

char *definition_place(const struct definition_kind *kind, const void *definition, const char *key)
{
	const struct definition *head = definition;
	const struct ini *ini = head->source;
	const struct ini_entry *found = NULL;

	if (!ini)
		return file_path("%s %s", kind->noun, head->name);
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t k = 0; k < section->count; k++) {
			if (!strcmp(section->entries[k].key, key))
				found = &section->entries[k];
		}
	}
	return file_path("%s:%u:%u", ini->file, found ? found->line : 1,
			found ? found->value_column : 1);
}

static char *path_of(const struct definition_kind *kind, const char *name)
{
	return file_path("%s/%s%s", kind->folder, name, kind->suffix);
}

static void read_one(const struct host *host, const char *name, struct definitions *list,
		struct diagnostics *diagnostics)
{
	CLEANUP(cleanup_free) char *path = path_of(list->kind, name);
	CLEANUP(cleanup_free) char *told = host_path(host, path);
	CLEANUP(cleanup_free) char *text = NULL;
	struct err err = { 0 };
	void *fresh;

	if (!name_is_valid(name)) {
		diagnostic_add(diagnostics,
				"%s: a %s has a name of up to %d letters, digits, '.', '_' and "
				"'-': rename the file",
				told, list->kind->noun, NAME_MOST);
		return;
	}
	if (admin_file_read(host, path, &text, &err) < 0) {
		diagnostic_add(diagnostics, "%s", err.msg);
		return;
	}
	fresh = make_room(list, position(list, name));
	definition_preset(list->kind, fresh, name);
	definition_parse(list->kind, told, text, fresh, diagnostics);
}

int definitions_read(const struct host *host, const struct definition_kind *kind,
		struct definitions *list, struct diagnostics *diagnostics, struct err *err)
{
	size_t count = 0, suffix = strlen(kind->suffix);
	char **names = NULL;
	struct err cause = { 0 };

	*list = (struct definitions){ .kind = kind };
	if (host_names(host, kind->folder, &names, &count, &cause) < 0 && cause.code != ENOENT)
		return err_set(err, cause.code, "%s", cause.msg);
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(names[i]);

		/* What ends otherwise is not ours: an editor's copy, a file being written. */
		if (*names[i] == '.' || length <= suffix ||
				strcmp(names[i] + length - suffix, kind->suffix) != 0)
			continue;
		names[i][length - suffix] = '\0';
		read_one(host, names[i], list, diagnostics);
	}
	host_names_free(names, count);
	return 0;
}

int definition_save(const struct host *host, const struct definition_kind *kind,
		const void *definition, struct err *err)
{
	CLEANUP(cleanup_free)
	char *path = path_of(kind, ((const struct definition *)definition)->name);
	CLEANUP(cleanup_free) char *text = definition_print(kind, definition);

	return admin_file_write(host, path, text, err);
}

int definition_remove(const struct host *host, const struct definition_kind *kind, const char *name,
		struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(kind, name);

	return admin_file_remove(host, path, err);
}

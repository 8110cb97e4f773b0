/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/definition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* A list holds its definitions contiguously, kind->size bytes each, sorted by name. */

void *definition_at(const struct definitions *list, size_t index)
{
	return list->items + index * list->kind->size;
}

/* Returns the index of NAME, or where to insert it. */
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

void definition_init(const struct definition_kind *kind, void *definition, const char *name)
{
	struct definition *head = definition;

	memset(definition, 0, kind->size);
	snprintf(head->name, sizeof(head->name), "%s", name);
	for (int i = 0; kind->sections[i].name; i++)
		properties_init(kind->sections[i].properties, definition);
}

void definition_copy(const struct definition_kind *kind, const void *from, void *to)
{
	definition_init(kind, to, ((const struct definition *)from)->name);
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

void *definition_add(struct definitions *list, const char *name)
{
	size_t size = list->kind->size, index;
	void *added;

	definition_drop(list, name);
	index = position(list, name);
	list->items = reallocarray(list->items, list->count + 1, size);
	if (!list->items)
		abort();
	memmove(list->items + (index + 1) * size, list->items + index * size,
			(list->count - index) * size);
	list->count++;
	added = definition_at(list, index);
	definition_init(list->kind, added, name);
	return added;
}

void definition_put(struct definitions *list, const void *definition)
{
	const char *name = ((const struct definition *)definition)->name;

	definition_copy(list->kind, definition, definition_add(list, name));
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

void definition_parse(const struct definition_kind *kind, const char *file, const char *text,
		void *definition, struct diagnostics *diagnostics)
{
	struct ini *ini = ini_parse_all(file, text, diagnostics);

	((struct definition *)definition)->source = ini;
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];
		const struct property *table = properties_of(kind, section->kind);

		if (table && !*section->name)
			properties_parse(table, ini, section, definition, diagnostics);
		else
			diagnostic_add(diagnostics, "%s:%u:1: unknown section [%s%s%s]", file,
					section->line, section->kind, *section->name ? " " : "",
					section->name);
	}
	for (int i = 0; kind->sections[i].name; i++) {
		if (!ini_section(ini, kind->sections[i].name, ""))
			diagnostic_add(diagnostics, "%s:1:1: there is no section [%s]", file,
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
		properties_print(kind->sections[i].properties, definition, out);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}

struct record *definition_to_record(const struct definition_kind *kind, const void *definition)
{
	struct record *record = record_object();

	record_put_str(record, "name", ((const struct definition *)definition)->name);
	for (int i = 0; kind->sections[i].name; i++)
		properties_to_record(kind->sections[i].properties, definition, record);
	return record;
}

char *definition_place(const struct definition_kind *kind, const void *definition, const char *key)
{
	const struct definition *head = definition;
	const struct ini *ini = head->source;
	const struct ini_entry *found = NULL;

	if (!ini)
		return text_format("%s %s", kind->noun, head->name);
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		for (size_t k = 0; k < section->count; k++) {
			if (!strcmp(section->entries[k].key, key))
				found = &section->entries[k];
		}
	}
	return text_format("%s:%u:%u", ini->file, found ? found->line : 1,
			found ? found->value_column : 1);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/property.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bool.h"
#include "base/cleanup.h"
#include "base/mac.h"
#include "base/name.h"
#include "base/number.h"
#include "base/text.h"

static void *at(const struct property *property, void *object)
{
	return (char *)object + property->offset;
}

static const void *in(const struct property *property, const void *object)
{
	return (const char *)object + property->offset;
}

void properties_init(const struct property *table, void *object)
{
	for (; table->key; table++) {
		if (table->kind == PROPERTY_BOOL)
			*(bool *)at(table, object) = table->default_yes;
	}
}

static int set_bool(bool *value, const char *name, const char *text, struct err *err)
{
	if (!bool_parse(text, value))
		return 0;
	return err_set(err, EINVAL, "%s takes yes or no, not '%s'", name, text);
}

static int set_number(const struct property *property, uint32_t *value, const char *name,
		const char *text, struct err *err)
{
	uint64_t number = 0;

	if (*text &&
			(number_parse(text, 0, property->max, &number) < 0 ||
					(number && number < property->min)))
		return err_set(err, EINVAL, "%s takes a number from %u to %u, or 0, not '%s'", name,
				property->min, property->max, text);
	*value = (uint32_t)number;
	return 0;
}

static int check_name(const char *name, const char *text, struct err *err)
{
	if (name_is_valid(text))
		return 0;
	return err_set(err, EINVAL,
			"%s takes a name of up to %d letters, digits, '.', '_' and '-', not "
			"'%.100s'",
			name, NAME_MOST, text);
}

static int set_text(const struct property *property, char *value, const char *name,
		const char *text, struct err *err)
{
	struct mac mac;

	if (property->kind == PROPERTY_NAME && *text && check_name(name, text, err) < 0)
		return -EINVAL;
	if (property->kind == PROPERTY_MAC && *text && mac_parse(text, &mac) < 0)
		return err_set(err, EINVAL,
				"%s takes an address such as 52:54:00:12:34:56, not '%s'", name,
				text);
	if (strlen(text) >= property->size)
		return err_set(err, EINVAL, "%s takes at most %zu characters", name,
				property->size - 1);
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_set(err, EINVAL, "%s takes one line of text", name);
	}
	if (*text && (strchr(" \t", *text) || strchr(" \t\\", text[strlen(text) - 1])))
		return err_set(err, EINVAL,
				"%s takes no text that begins with a space, or ends with one or a "
				"backslash",
				name);
	snprintf(value, property->size, "%s", text);
	return 0;
}

static int add_names(struct string_set *names, const char *name, const char *text, struct err *err)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", text);
	char *rest = copy, *word;
	int rc;

	while ((word = strsep(&rest, " \t"))) {
		if (!*word)
			continue;
		rc = check_name(name, word, err);
		if (rc < 0)
			return rc;
		if (!string_set_add(names, word))
			return err_set(err, EINVAL, "%s names %s twice", name, word);
	}
	return 0;
}

static int set_names(struct string_set *names, const char *name, const char *text, struct err *err)
{
	struct string_set fresh = { 0 };
	int rc = add_names(&fresh, name, text, err);

	if (rc < 0) {
		string_set_free(&fresh);
		return rc;
	}
	string_set_free(names);
	*names = fresh;
	return 0;
}

int property_set(const struct property *property, void *object, const char *name, const char *text,
		struct err *err)
{
	void *value = at(property, object);

	switch (property->kind) {
	case PROPERTY_BOOL:
		return set_bool(value, name, text, err);
	case PROPERTY_NUMBER:
		return set_number(property, value, name, text, err);
	case PROPERTY_NAMES:
		return set_names(value, name, text, err);
	default:
		return set_text(property, value, name, text, err);
	}
}

static const struct property *by_key(const struct property *table, const char *key)
{
	while (table->key && strcmp(table->key, key) != 0)
		table++;
	return table->key ? table : NULL;
}

void properties_parse(const struct property *table, const struct ini *ini,
		const struct ini_section *section, void *object, struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct ini_entry *entry = &section->entries[i];
		const struct property *property = by_key(table, entry->key);
		CLEANUP(cleanup_free) char *name = text_format("%s=", entry->key);
		struct err err = { 0 };

		if (!property)
			diagnostic_add(diagnostics, "%s:%u:%u: unknown key %s in [%s]", ini->file,
					entry->line, entry->column, entry->key, section->kind);
		else if (property->kind == PROPERTY_NAMES && *entry->value)
			add_names(at(property, object), name, entry->value, &err);
		else
			property_set(property, object, name, entry->value, &err);
		if (err.code)
			diagnostic_add(diagnostics, "%s:%u:%u: %s", ini->file, entry->line,
					entry->value_column, err.msg);
	}
}

char *property_text(const struct property *property, const void *object)
{
	const void *value = in(property, object);

	switch (property->kind) {
	case PROPERTY_BOOL:
		return text_format("%s", *(const bool *)value ? "yes" : "no");
	case PROPERTY_NUMBER:
		return *(const uint32_t *)value ? text_format("%u", *(const uint32_t *)value)
						: text_format("%s", "");
	case PROPERTY_NAMES:
		return string_set_join(value, " ");
	default:
		return text_format("%s", (const char *)value);
	}
}

static bool is_default(const struct property *property, const void *object)
{
	const void *value = in(property, object);

	switch (property->kind) {
	case PROPERTY_BOOL:
		return *(const bool *)value == property->default_yes;
	case PROPERTY_NUMBER:
		return !*(const uint32_t *)value;
	case PROPERTY_NAMES:
		return !((const struct string_set *)value)->count;
	default:
		return !*(const char *)value;
	}
}

void properties_print(const struct property *table, const void *object, FILE *out)
{
	for (; table->key; table++) {
		CLEANUP(cleanup_free) char *text = property_text(table, object);

		if (!is_default(table, object))
			fprintf(out, "%s=%s\n", table->key, text);
	}
}

static void names_to_record(struct record *record, const char *key, const struct string_set *names)
{
	struct record *array = record_array();

	for (size_t i = 0; i < names->count; i++)
		record_add_str(array, names->list[i]);
	record_put(record, key, array);
}

void properties_to_record(const struct property *table, const void *object, struct record *record)
{
	for (; table->key; table++) {
		CLEANUP(cleanup_free) char *key = text_format("%s", table->flag->name);
		const void *value = in(table, object);

		for (char *c = key; *c; c++)
			*c = *c == '-' ? '_' : *c;
		if (table->kind == PROPERTY_BOOL)
			record_put_bool(record, key, *(const bool *)value);
		else if (table->kind == PROPERTY_NAMES)
			names_to_record(record, key, value);
		else if (is_default(table, object))
			record_put_null(record, key);
		else if (table->kind == PROPERTY_NUMBER)
			record_put_int(record, key, *(const uint32_t *)value);
		else
			record_put_str(record, key, value);
	}
}

void properties_copy(const struct property *table, const void *from, void *to)
{
	for (; table->key; table++) {
		if (table->kind == PROPERTY_NAMES)
			*(struct string_set *)at(table, to) = string_set_copy(in(table, from));
		else
			memcpy(at(table, to), in(table, from), table->size);
	}
}

bool properties_equal(const struct property *table, const void *a, const void *b)
{
	for (; table->key; table++) {
		CLEANUP(cleanup_free) char *one = property_text(table, a);
		CLEANUP(cleanup_free) char *other = property_text(table, b);

		if (strcmp(one, other) != 0)
			return false;
	}
	return true;
}

void properties_free(const struct property *table, void *object)
{
	for (; table->key; table++) {
		if (table->kind == PROPERTY_NAMES)
			string_set_free(at(table, object));
	}
}

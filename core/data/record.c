/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/record.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

/* A struct record is a json_t. */

#define DEPTH_LIMIT 32
#define FILE_LIMIT  (256u << 20)

static json_t *json_of(const struct record *record)
{
	return (json_t *)record;
}

static struct record *owned(json_t *json)
{
	if (!json)
		abort();
	return (struct record *)json;
}

struct record *record_object(void)
{
	return owned(json_object());
}

struct record *record_array(void)
{
	return owned(json_array());
}

struct record *record_copy(const struct record *record)
{
	return owned(json_deep_copy(json_of(record)));
}

void record_free(struct record *record)
{
	json_decref(json_of(record));
}

void cleanup_record(struct record **record)
{
	record_free(*record);
}

static json_t *string_of(const char *text)
{
	json_t *string = text ? json_string(text) : json_null();
	char *clean;

	if (string)
		return string;
	clean = text_format("%s", text);
	for (unsigned char *c = (unsigned char *)clean; *c; c++)
		*c = *c < 0x80 ? *c : '?';
	string = json_string(clean);
	free(clean);
	return string;
}

void record_put(struct record *object, const char *key, struct record *value)
{
	if (json_object_set_new(json_of(object), key, json_of(value)) < 0)
		abort();
}

void record_put_str(struct record *object, const char *key, const char *text)
{
	record_put(object, key, owned(string_of(text)));
}

void record_put_strf(struct record *object, const char *key, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	record_put_str(object, key, text);
	free(text);
}

void record_put_int(struct record *object, const char *key, int64_t number)
{
	record_put(object, key, owned(json_integer(number)));
}

void record_put_real(struct record *object, const char *key, double number)
{
	record_put(object, key, owned(json_real(number)));
}

void record_put_bool(struct record *object, const char *key, bool truth)
{
	record_put(object, key, owned(json_boolean(truth)));
}

void record_put_null(struct record *object, const char *key)
{
	record_put(object, key, owned(json_null()));
}

void record_add(struct record *array, struct record *value)
{
	if (json_array_append_new(json_of(array), json_of(value)) < 0)
		abort();
}

void record_add_str(struct record *array, const char *text)
{
	record_add(array, owned(string_of(text)));
}

void record_add_int(struct record *array, int64_t number)
{
	record_add(array, owned(json_integer(number)));
}

enum record_type record_type(const struct record *record)
{
	if (!record)
		return RECORD_ABSENT;
	switch (json_typeof(json_of(record))) {
	case JSON_OBJECT:
		return RECORD_OBJECT;
	case JSON_ARRAY:
		return RECORD_ARRAY;
	case JSON_STRING:
		return RECORD_TEXT;
	case JSON_INTEGER:
	case JSON_REAL:
		return RECORD_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return RECORD_BOOL;
	default:
		return RECORD_NULL;
	}
}

struct record *record_edit(struct record *object, const char *key)
{
	return (struct record *)json_object_get(json_of(object), key);
}

struct record *record_edit_at(struct record *array, size_t index)
{
	return (struct record *)json_array_get(json_of(array), index);
}

const struct record *record_get(const struct record *object, const char *key)
{
	return (const struct record *)json_object_get(json_of(object), key);
}

const struct record *record_at(const struct record *array, size_t index)
{
	return (const struct record *)json_array_get(json_of(array), index);
}

size_t record_length(const struct record *array)
{
	return json_array_size(json_of(array));
}

size_t record_members(const struct record *object)
{
	return json_object_size(json_of(object));
}

const char *record_text(const struct record *value)
{
	return json_string_value(json_of(value));
}

bool record_has_text(const struct record *array, const char *text)
{
	for (size_t i = 0; text && i < record_length(array); i++) {
		const char *item = record_text(record_at(array, i));

		if (item && !strcmp(item, text))
			return true;
	}
	return false;
}

bool record_truth(const struct record *value)
{
	return json_is_true(json_of(value));
}

bool record_is_number(const struct record *value)
{
	return json_is_number(json_of(value));
}

double record_number(const struct record *value)
{
	return json_number_value(json_of(value));
}

const char *record_str(const struct record *object, const char *key, const char *fallback)
{
	const char *text = record_text(record_get(object, key));

	return text ? text : fallback;
}

int64_t record_int(const struct record *object, const char *key, int64_t fallback)
{
	json_t *value = json_object_get(json_of(object), key);

	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

double record_real(const struct record *object, const char *key, double fallback)
{
	json_t *value = json_object_get(json_of(object), key);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

bool record_bool(const struct record *object, const char *key, bool fallback)
{
	json_t *value = json_object_get(json_of(object), key);

	return json_is_boolean(value) ? json_is_true(value) : fallback;
}

bool record_member(const struct record *object, size_t index, const char **key,
		const struct record **value)
{
	void *member = json_object_iter(json_of(object));

	while (member && index--)
		member = json_object_iter_next(json_of(object), member);
	if (!member)
		return false;
	*key = json_object_iter_key(member);
	*value = (const struct record *)json_object_iter_value(member);
	return true;
}

void *record_first(const struct record *object)
{
	return json_object_iter(json_of(object));
}

bool record_next(const struct record *object, void **at, const char **key,
		const struct record **value)
{
	if (!*at)
		return false;
	*key = json_object_iter_key(*at);
	*value = (const struct record *)json_object_iter_value(*at);
	*at = json_object_iter_next(json_of(object), *at);
	return true;
}

static char *print(const struct record *record, size_t flags)
{
	char *text = json_dumps(json_of(record), flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));

	if (!text)
		abort();
	return text;
}

char *record_print(const struct record *record)
{
	return print(record, JSON_COMPACT);
}

char *record_print_pretty(const struct record *record)
{
	return print(record, JSON_INDENT(2));
}

char *record_print_canonical(const struct record *record)
{
	char *text = print(record, JSON_COMPACT | JSON_SORT_KEYS);
	size_t length = strlen(text);
	char *line = realloc(text, length + 2);

	if (!line)
		abort();
	memcpy(line + length, "\n", 2);
	return line;
}

/* The library accepts a depth of 2,048 and recurses; code that walks the result would recurse as
 * deep. */
static bool too_deep(const char *text, size_t length)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '[' || c == '{') && ++depth > DEPTH_LIMIT)
			return true;
		else if (!in_string && (c == ']' || c == '}'))
			depth--;
	}
	return false;
}

int record_parse(const char *source, const char *text, size_t length, struct record **record,
		struct err *err)
{
	json_error_t cause;
	json_t *json;

	if (too_deep(text, length))
		return err_set(err, EINVAL, "%s: nested deeper than %d", source, DEPTH_LIMIT);
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &cause);
	if (!json)
		return err_set(err, EINVAL, "%s:%d:%d: %s", source, cause.line, cause.column,
				cause.text);
	*record = (struct record *)json;
	return 0;
}

int record_load(int dir_fd, const char *path, struct record **record, struct err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length;
	int rc = file_read(dir_fd, path, FILE_LIMIT, &text, &length, err);

	return rc < 0 ? rc : record_parse(path, text, length, record, err);
}

int record_save(int dir_fd, const char *path, const struct record *record, struct err *err)
{
	CLEANUP(cleanup_free) char *text = record_print_pretty(record);
	size_t length = strlen(text);

	text[length] = '\n'; /* overwrites the zero; the caller passes the length */
	return file_write_atomic(dir_fd, path, text, length + 1, err);
}

int record_save_canonical(
		int dir_fd, const char *path, const struct record *record, struct err *err)
{
	CLEANUP(cleanup_free) char *text = record_print_canonical(record);

	return file_write_atomic(dir_fd, path, text, strlen(text), err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_RECORD_H
#define DATA_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Records: JSON values, in memory and as text. No other code uses the JSON library.
 *
 * The owner of a record frees it; a record that is put into another one belongs to that one.
 * Building cannot fail: when memory runs out the program ends, since half a record must never be
 * taken for a whole one. Text from outside is limited: duplicate keys, invalid UTF-8 and a depth of
 * more than 32 are refused.
 */
struct record;

struct record *record_object(void);
struct record *record_array(void);
struct record *record_copy(const struct record *record); /* deep copy */
void record_free(struct record *record);
void cleanup_record(struct record **record);

/* Puts a member into an object, in place of an earlier value of the key. record_put() takes
 * ownership of VALUE. Bytes that are not UTF-8 become '?'. NULL text puts null. */
void record_put(struct record *object, const char *key, struct record *value);
void record_put_str(struct record *object, const char *key, const char *text);
void record_put_strf(struct record *object, const char *key, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
void record_put_int(struct record *object, const char *key, int64_t number);
void record_put_real(struct record *object, const char *key, double number);
void record_put_bool(struct record *object, const char *key, bool truth);
void record_put_null(struct record *object, const char *key);

/* Puts an item at the end of an array. record_add() takes ownership of VALUE. */
void record_add(struct record *array, struct record *value);
void record_add_str(struct record *array, const char *text);
void record_add_int(struct record *array, int64_t number);

/* The type of a record; that of NULL is RECORD_ABSENT. */
enum record_type {
	RECORD_ABSENT,
	RECORD_NULL,
	RECORD_BOOL,
	RECORD_NUMBER,
	RECORD_TEXT,
	RECORD_ARRAY,
	RECORD_OBJECT,
};
enum record_type record_type(const struct record *record);

/* Readers. All accept NULL and values of another type, for which they return FALLBACK, NULL or
 * 0. */
const struct record *record_get(const struct record *object, const char *key);
const struct record *record_at(const struct record *array, size_t index);
/* The same for a record that the caller may change. */
struct record *record_edit(struct record *object, const char *key);
struct record *record_edit_at(struct record *array, size_t index);

size_t record_length(const struct record *array);
size_t record_members(const struct record *object); /* the number of members */
const char *record_str(const struct record *object, const char *key, const char *fallback);
int64_t record_int(const struct record *object, const char *key, int64_t fallback);
double record_real(const struct record *object, const char *key, double fallback);
bool record_bool(const struct record *object, const char *key, bool fallback);
const char *record_text(const struct record *value); /* the text of a string value, or NULL */

/* Whether TEXT is an item of the array; false for NULL. */
bool record_has_text(const struct record *array, const char *text);
bool record_truth(const struct record *value); /* the value of a boolean */
bool record_is_number(const struct record *value);
double record_number(const struct record *value);

/* Members of an object in their order: KEY and VALUE of the member at INDEX; false at the end. A
 * full pass takes time quadratic in the number of members: for small objects. */
bool record_member(const struct record *object, size_t index, const char **key,
		const struct record **value);

/* The same for objects of any size: for (void *at = record_first(o); record_next(o, &at, &key, &value);) */
void *record_first(const struct record *object);
bool record_next(const struct record *object, void **at, const char **key,
		const struct record **value);

/* Returns a new string for the caller to free: one line, or indented by two. Keys keep their
 * order. */
char *record_print(const struct record *record);
char *record_print_pretty(const struct record *record);

/* The canonical text of a record: one line, keys sorted, and a newline. Signatures and digests
 * are computed over this form. */
char *record_print_canonical(const struct record *record);

/* SOURCE names the text in errors. The caller frees the result. */
int record_parse(const char *source, const char *text, size_t length, struct record **record,
		struct err *err);
int record_load(int dir_fd, const char *path, struct record **record, struct err *err);
int record_save(int dir_fd, const char *path, const struct record *record, struct err *err);
int record_save_canonical(
		int dir_fd, const char *path, const struct record *record, struct err *err);

#endif

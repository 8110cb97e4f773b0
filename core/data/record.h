/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_RECORD_H
#define DATA_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Records: JSON values, in memory and as text. This is the only face of the JSON library.
 *
 * A record is freed by its owner; what is put into another record belongs to that one. Building
 * cannot fail: when memory runs out the program ends, since half a record must never be taken for
 * a whole one. Text from outside is bounded: duplicate keys, invalid UTF-8 and a depth of more
 * than 32 are refused.
 */
struct record;

struct record *record_object(void);
struct record *record_array(void);
struct record *record_copy(const struct record *record); /* deep */
void record_free(struct record *record);
void cleanup_record(struct record **record);

/* Put a member into an object; a former value of the key is replaced. record_put() takes VALUE.
 * Strings that are not UTF-8 have their bad bytes replaced by '?'. NULL text puts null. */
void record_put(struct record *object, const char *key, struct record *value);
void record_put_str(struct record *object, const char *key, const char *text);
void record_put_strf(struct record *object, const char *key, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
void record_put_int(struct record *object, const char *key, int64_t number);
void record_put_real(struct record *object, const char *key, double number);
void record_put_bool(struct record *object, const char *key, bool truth);
void record_put_null(struct record *object, const char *key);

/* Put at the end of an array. record_add() takes VALUE. */
void record_add(struct record *array, struct record *value);
void record_add_str(struct record *array, const char *text);
void record_add_int(struct record *array, int64_t number);

/* What a record is; NULL is RECORD_ABSENT. */
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

/* Read. All accept NULL and values of another type, and give FALLBACK, NULL or 0 then. */
const struct record *record_get(const struct record *object, const char *key);
const struct record *record_at(const struct record *array, size_t index);
/* The same of a record that is the caller's to change. */
struct record *record_edit(struct record *object, const char *key);
struct record *record_edit_at(struct record *array, size_t index);

size_t record_length(const struct record *array);
size_t record_members(const struct record *object); /* their number */
const char *record_str(const struct record *object, const char *key, const char *fallback);
int64_t record_int(const struct record *object, const char *key, int64_t fallback);
double record_real(const struct record *object, const char *key, double fallback);
bool record_bool(const struct record *object, const char *key, bool fallback);
const char *record_text(const struct record *value); /* of a string value itself, or NULL */

/* Whether TEXT is an item of the array; false for NULL. */
bool record_has_text(const struct record *array, const char *text);
bool record_truth(const struct record *value); /* of a truth value itself */
bool record_is_number(const struct record *value);
double record_number(const struct record *value);

/* Members of an object in their order: KEY and VALUE of the member at INDEX; false at the end.
 * One pass costs the square of the members: for small objects. */
bool record_member(const struct record *object, size_t index, const char **key,
		const struct record **value);

/* The same for objects of any size: for (void *at = record_first(o); record_next(o, &at, &key, &value);) */
void *record_first(const struct record *object);
bool record_next(const struct record *object, void **at, const char **key,
		const struct record **value);

/* A fresh string for the caller to free: one line, or indented by two. Keys keep their order. */
char *record_print(const struct record *record);
char *record_print_pretty(const struct record *record);

/* The one text that stands for what is in a record: one line, keys sorted, and a newline. What is signed
 * and what a digest is taken of has this form. */
char *record_print_canonical(const struct record *record);

/* SOURCE names the text in errors. The result is the caller's. */
int record_parse(const char *source, const char *text, size_t length, struct record **record,
		struct err *err);
int record_load(int dir_fd, const char *path, struct record **record, struct err *err);
int record_save(int dir_fd, const char *path, const struct record *record, struct err *err);
int record_save_canonical(
		int dir_fd, const char *path, const struct record *record, struct err *err);

#endif

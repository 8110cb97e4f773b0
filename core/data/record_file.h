/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_RECORD_FILE_H
#define DATA_RECORD_FILE_H

#include "data/record.h"

/*
 * A JSON file that may be too large for memory: an object of which one member is a long array of
 * objects. The object without that array, the head, is a record in memory. For each item only its
 * place is kept (eight bytes), and it is parsed each time it is needed. What record_parse() refuses
 * is refused here too; depth is counted from the item.
 */
struct record_file;

/* Reads the file once and passes each item of the array LIST to SEEN, in order; an error of SEEN
 * ends it. -EINVAL: there is no such array. */
int record_file_open(int dir_fd, const char *path, const char *list,
		int (*seen)(void *argument, size_t index, const struct record *item,
				struct err *err),
		void *argument, struct record_file **file, struct err *err);
void record_file_close(struct record_file *file);

/* The object with the array empty. The caller may change it; it lives as long as FILE. */
struct record *record_file_head(const struct record_file *file);
size_t record_file_length(const struct record_file *file);

/* The text of an item, valid until the next call. The item was checked when the file was opened. */
int record_file_text(struct record_file *file, size_t index, const char **text, size_t *length,
		struct err *err);

/* The caller frees the item. Fails if the file has changed since it was opened. */
int record_file_item(struct record_file *file, size_t index, struct record **item, struct err *err);

#endif

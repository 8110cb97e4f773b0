/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_RECORD_FILE_H
#define DATA_RECORD_FILE_H

#include "data/record.h"

/*
 * A JSON file that may be too large to hold: an object of which one member is a long array of objects.
 * All but that array, the head, is a record in memory. Of an item only the place is kept, and it is
 * parsed whenever it is asked for: eight bytes each. What record_parse() refuses is refused here too;
 * depth is counted from the item.
 */
struct record_file;

/* Reads the file once and gives each item of the array LIST to SEEN, in their order; an error of SEEN
 * ends it. -EINVAL where there is no such array. */
int record_file_open(int dir_fd, const char *path, const char *list,
		int (*seen)(void *argument, size_t index, const struct record *item,
				struct err *err),
		void *argument, struct record_file **file, struct err *err);
void record_file_close(struct record_file *file);

/* The whole object, with the array empty. It may be changed, and lives as long as FILE. */
struct record *record_file_head(const struct record_file *file);
size_t record_file_length(const struct record_file *file);

/* The text of an item, which has been parsed once, until the next call. */
int record_file_text(struct record_file *file, size_t index, const char **text, size_t *length,
		struct err *err);

/* The item is the caller's. Fails if the file has changed since it was opened. */
int record_file_item(struct record_file *file, size_t index, struct record **item, struct err *err);

#endif

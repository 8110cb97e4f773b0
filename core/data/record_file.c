/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/record_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

/*
 * The file is read through a window that moves forwards or jumps. The scanner knows only enough
 * JSON to find where values begin and end. record_parse() checks each piece that it cuts out, and
 * also the head, without the array.
 */

#define WINDOW      (256u << 10)
#define PIECE_LIMIT (16u << 20) /* the longest item or head, in bytes */
#define ITEMS_LIMIT 100000000u
#define END         (-1)

struct place {
	uint64_t offset : 40, length : 24;
};

struct record_file {
	int fd;
	char *path;
	char *window;
	size_t room, filled;
	uint64_t start; /* offset of the window in the file */
	struct err *err;
	struct record *head;
	char *head_text;
	size_t head_length;
	struct place *items;
	size_t count, items_room;
};

/* Moves the window to OFFSET. */
static int window_move(struct record_file *file, uint64_t offset, size_t room)
{
	if (room > file->room) {
		char *grown = realloc(file->window, room);

		if (!grown)
			return err_set(file->err, ENOMEM, "no memory to read %s", file->path);
		file->window = grown;
		file->room = room;
	}
	file->start = offset;
	file->filled = 0;
	while (file->filled < file->room) {
		ssize_t got = pread(file->fd, file->window + file->filled,
				file->room - file->filled, (off_t)(offset + file->filled));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(file->err, "cannot read %s", file->path);
		if (!got)
			break;
		file->filled += (size_t)got;
	}
	return 0;
}

/* The byte at the offset, END after the last, or -errno. */
static inline int byte_at(struct record_file *file, uint64_t offset)
{
	int rc;

	if (offset - file->start < file->filled)
		return (unsigned char)file->window[offset - file->start];
	rc = window_move(file, offset, WINDOW);
	if (rc < 0)
		return rc < END ? rc : -EIO;
	return file->filled ? (unsigned char)file->window[0] : END;
}

static int malformed(struct record_file *file, uint64_t offset, const char *what)
{
	return err_set(file->err, EINVAL, "%s: byte %llu: %s", file->path,
			(unsigned long long)offset, what);
}

/* Skips white space. Returns the byte after it, or a negative error; the end of the file is an
 * error. */
static int skip_space(struct record_file *file, uint64_t *offset)
{
	int c;

	while ((c = byte_at(file, *offset)) >= 0 && strchr(" \t\r\n", c ? c : 'x'))
		++*offset;
	return c == END ? malformed(file, *offset, "the file ends in the middle") : c;
}

static int expect(struct record_file *file, uint64_t *offset, char wanted, const char *what)
{
	int c = skip_space(file, offset);

	if (c < 0)
		return c;
	if (c != wanted)
		return malformed(file, *offset, what);
	++*offset;
	return 0;
}

/* Skips the value whose first byte is at *OFFSET. */
static int skip_value(struct record_file *file, uint64_t *offset)
{
	uint64_t first = *offset;
	bool text = false;
	int depth = 0, c;

	for (; (c = byte_at(file, *offset)) >= 0; ++*offset) {
		if (*offset - first >= PIECE_LIMIT)
			return malformed(file, first, "one value of more than 16 MiB");
		if (text && c == '\\') {
			++*offset;
			continue;
		}
		if (c == '"')
			text = !text;
		if (text)
			continue;
		if (!depth && strchr(",]} \t\r\n", c ? c : 'x'))
			return 0;
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (!depth && strchr("\"}]", c ? c : 'x')) {
			++*offset;
			return 0;
		}
	}
	return c == END ? malformed(file, *offset, "the file ends in the middle") : c;
}

/* Returns the bytes of the file from FIRST to END in one piece, valid until the window moves. */
static int piece_at(struct record_file *file, uint64_t first, size_t length, const char **piece)
{
	int rc = 0;

	if (first < file->start || first + length > file->start + file->filled)
		rc = window_move(file, first, length > WINDOW ? length : WINDOW);
	if (!rc && file->filled < first - file->start + length)
		rc = malformed(file, first, "the file has become shorter");
	*piece = file->window + (first - file->start);
	return rc;
}

static int add_to_head(struct record_file *file, uint64_t first, uint64_t end)
{
	size_t length = (size_t)(end - first);
	const char *piece;
	char *grown;
	int rc;

	if (length > PIECE_LIMIT - file->head_length)
		return malformed(file, first, "more than 16 MiB beside the list");
	rc = piece_at(file, first, length, &piece);
	if (rc < 0)
		return rc;
	grown = realloc(file->head_text, file->head_length + length + 1);
	if (!grown)
		return err_set(file->err, ENOMEM, "no memory to read %s", file->path);
	memcpy(grown + file->head_length, piece, length);
	file->head_text = grown;
	file->head_length += length;
	return 0;
}

static int parse_item(struct record_file *file, size_t index, struct record **item)
{
	struct place place = file->items[index];
	char name[64];
	const char *piece;
	int rc = piece_at(file, place.offset, place.length, &piece);

	if (rc < 0)
		return rc;
	snprintf(name, sizeof(name), "item %zu", index);
	rc = record_parse(name, piece, place.length, item, file->err);
	if (!rc && record_type(*item) != RECORD_OBJECT) {
		record_free(TAKE(*item));
		return malformed(file, place.offset, "this is no object");
	}
	if (rc < 0)
		err_prefix(file->err, "%s: byte %llu: ", file->path,
				(unsigned long long)place.offset);
	return rc;
}

static int add_item(struct record_file *file, uint64_t first, uint64_t end)
{
	if (file->count == ITEMS_LIMIT)
		return malformed(file, first, "more than 100,000,000 items");
	if (file->count == file->items_room) {
		size_t room = file->items_room ? file->items_room + file->items_room / 2 : 256;
		struct place *grown = reallocarray(file->items, room, sizeof(*grown));

		if (!grown)
			return err_set(file->err, ENOMEM, "no memory to read %s", file->path);
		file->items = grown;
		file->items_room = room;
	}
	file->items[file->count++] =
			(struct place){ .offset = first, .length = (uint32_t)(end - first) };
	return 0;
}

struct listener {
	int (*seen)(void *argument, size_t index, const struct record *item, struct err *err);
	void *argument;
};

static int hear_item(struct record_file *file, uint64_t *offset, const struct listener *listener)
{
	CLEANUP(cleanup_record) struct record *item = NULL;
	uint64_t first = *offset;
	int rc = skip_value(file, offset);

	if (!rc)
		rc = add_item(file, first, *offset);
	if (!rc)
		rc = parse_item(file, file->count - 1, &item);
	return rc ? rc : listener->seen(listener->argument, file->count - 1, item, file->err);
}

/* *OFFSET is after the opening bracket of the list at the start, and after the closing one on
 * return. */
static int read_list(struct record_file *file, uint64_t *offset, const struct listener *listener)
{
	int c = skip_space(file, offset);

	while (c >= 0 && c != ']') {
		int rc = hear_item(file, offset, listener);

		if (rc < 0)
			return rc;
		c = skip_space(file, offset);
		if (c == ',') {
			++*offset;
			c = skip_space(file, offset);
			if (c == ']')
				return malformed(file, *offset, "a value is missing");
		} else if (c >= 0 && c != ']') {
			return malformed(file, *offset, "']' or ',' expected");
		}
	}
	++*offset;
	return c < 0 ? c : 0;
}

/* Whether the key at FIRST, with its quotes, is NAME, without escapes. */
static int is_key(struct record_file *file, uint64_t first, uint64_t end, const char *name)
{
	size_t length = (size_t)(end - first);
	const char *piece;
	int rc = piece_at(file, first, length, &piece);

	return rc < 0 ? rc : length == strlen(name) + 2 && !memcmp(piece + 1, name, length - 2);
}

static int read_members(struct record_file *file, const char *list, const struct listener *listener)
{
	uint64_t offset = 0, copied = 0;
	bool found = false;
	int c = expect(file, &offset, '{', "the file is no JSON object");

	while (!c && (c = skip_space(file, &offset)) >= 0 && c != '}') {
		uint64_t first = offset;
		int rc = c == '"' ? skip_value(file, &offset)
				  : malformed(file, offset, "a key is expected");
		int match = rc < 0 ? rc : is_key(file, first, offset, list);

		if (match >= 0)
			rc = expect(file, &offset, ':', "':' expected");
		c = match < 0 ? match : rc < 0 ? rc : skip_space(file, &offset);
		if (c < 0)
			return c;
		if (match && !found && c == '[') {
			found = true;
			rc = add_to_head(file, copied, ++offset);
			if (!rc)
				rc = read_list(file, &offset, listener);
			copied = offset - 1;
		} else {
			rc = skip_value(file, &offset);
		}
		c = rc < 0 ? rc : skip_space(file, &offset);
		if (c < 0)
			return c;
		offset += c == ',';
		c = c == ',' ? 0 : c == '}' ? c : malformed(file, offset, "',' or '}' expected");
	}
	if (c < 0)
		return c;
	for (c = 1; c > 0; offset++)
		c = byte_at(file, offset);
	if (c != END)
		return c < 0 ? c : malformed(file, offset, "a zero byte");
	return found ? add_to_head(file, copied, offset - 1)
		     : err_set(file->err, EINVAL, "%s: there is no list '%s'", file->path, list);
}

int record_file_open(int dir_fd, const char *path, const char *list,
		int (*seen)(void *argument, size_t index, const struct record *item,
				struct err *err),
		void *argument, struct record_file **file, struct err *err)
{
	struct record_file *fresh = calloc(1, sizeof(*fresh));
	int rc;

	if (!fresh)
		return err_set(err, ENOMEM, "no memory to read %s", path);
	*fresh = (struct record_file){ .err = err, .path = text_format("%s", path) };
	fresh->fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	rc = fresh->fd < 0 ? err_sys(err, "cannot open %s", path)
			   : read_members(fresh, list, &(struct listener){ seen, argument });
	if (!rc)
		rc = record_parse(path, fresh->head_text, fresh->head_length, &fresh->head, err);
	if (rc < 0) {
		record_file_close(fresh);
		return rc;
	}
	free(TAKE(fresh->head_text));
	fresh->err = NULL;
	*file = fresh;
	return 0;
}

void record_file_close(struct record_file *file)
{
	if (!file)
		return;
	cleanup_fd(&file->fd);
	record_free(file->head);
	free(file->head_text);
	free(file->path);
	free(file->window);
	free(file->items);
	free(file);
}

struct record *record_file_head(const struct record_file *file)
{
	return file->head;
}

size_t record_file_length(const struct record_file *file)
{
	return file->count;
}

int record_file_text(struct record_file *file, size_t index, const char **text, size_t *length,
		struct err *err)
{
	struct place place = file->items[index];
	int rc;

	file->err = err;
	rc = piece_at(file, place.offset, place.length, text);
	file->err = NULL;
	*length = place.length;
	return rc;
}

int record_file_item(struct record_file *file, size_t index, struct record **item, struct err *err)
{
	int rc;

	file->err = err;
	rc = parse_item(file, index, item);
	file->err = NULL;
	return rc;
}

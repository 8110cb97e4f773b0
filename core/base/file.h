/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Whole files. Paths are relative to the directory DIR_FD (AT_FDCWD: the working directory).
 */

/* Reads at most LIMIT bytes into a new, zero-terminated buffer for the caller to free. -EFBIG:
 * the file is longer. LENGTH may be NULL. */
int file_read(int dir_fd, const char *path, size_t limit, char **text, size_t *length,
		struct err *err);

/* The same from an open descriptor; errors name PATH. */
int file_read_fd(int fd, const char *path, size_t limit, char **text, size_t *length,
		struct err *err);

/* -EINVAL: the LENGTH bytes of a file contain a zero byte, which a parser of strings cannot
 * read. The error says so if they are UTF-16. */
int file_check_text(const char *path, const char *text, size_t length, struct err *err);

/* Replaces the file as a whole or not at all: temporary file beside it, fsync, rename, fsync of
 * the folder. */
int file_write_atomic(
		int dir_fd, const char *path, const void *data, size_t length, struct err *err);

/* The same in pieces, for contents too large to hold in memory: print to OUT, then commit.
 * Without a commit the old file stays and no temporary file is left. A path that is not a regular
 * file (a pipe, a device) is written to directly, unless it is relative to a directory: there,
 * links are not followed. */
struct file_draft {
	FILE *out;
	char *path, *fresh; /* the file, and the temporary file beside it; NULL: none */
	int dir_fd;
};

#define FILE_DRAFT_NONE ((struct file_draft){ .out = NULL })

int file_draft_open(int dir_fd, const char *path, struct file_draft *draft, struct err *err);
int file_draft_commit(struct file_draft *draft, struct err *err);
void cleanup_file_draft(struct file_draft *draft);

/* Writes all of DATA to an open descriptor. Returns 0 or -errno. */
int file_write_all(int fd, const void *data, size_t length);

/* Whether PATH is a folder or a link to one. */
bool file_is_folder(const char *path);

/* mkdir -p. */
int file_make_dirs(const char *path, mode_t mode, struct err *err);

/* rm -r, without following links. An absent path is not an error. */
int file_remove_tree(const char *path, struct err *err);

#endif

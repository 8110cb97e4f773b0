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

/* Reads at most LIMIT bytes into a fresh, zero-terminated buffer for the caller to free; a longer
 * file is -EFBIG. LENGTH may be NULL. */
int file_read(int dir_fd, const char *path, size_t limit, char **text, size_t *length,
		struct err *err);

/* The same from an open descriptor; PATH is what errors call it. */
int file_read_fd(int fd, const char *path, size_t limit, char **text, size_t *length,
		struct err *err);

/* -EINVAL where the LENGTH bytes of a file are no text that a parser of strings can read: they
 * hold a zero byte. UTF-16 is named. */
int file_check_text(const char *path, const char *text, size_t length, struct err *err);

/* Replaces the file or leaves the old one: temporary file beside it, fsync, rename, fsync of
 * the folder. */
int file_write_atomic(
		int dir_fd, const char *path, const void *data, size_t length, struct err *err);

/* The same in pieces, for what is too large to hold: print to OUT, then commit. Without a commit
 * the old file stays and nothing is left beside it. A path that is no regular file (a pipe, a
 * device) is written to directly, unless it is relative to a directory: there, no link is
 * followed. */
struct file_draft {
	FILE *out;
	char *path, *fresh; /* where it goes, and where it is until then; NULL: nowhere else */
	int dir_fd;
};

#define FILE_DRAFT_NONE ((struct file_draft){ .out = NULL })

int file_draft_open(int dir_fd, const char *path, struct file_draft *draft, struct err *err);
int file_draft_commit(struct file_draft *draft, struct err *err);
void cleanup_file_draft(struct file_draft *draft);

/* Writes all of it to an open descriptor. Returns 0 or -errno. */
int file_write_all(int fd, const void *data, size_t length);

/* Whether PATH is a folder, perhaps behind a link. */
bool file_is_folder(const char *path);

/* mkdir -p. */
int file_make_dirs(const char *path, mode_t mode, struct err *err);

/* rm -r, without following links; an absent path is fine. */
int file_remove_tree(const char *path, struct err *err);

#endif

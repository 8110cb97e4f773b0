/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_HOST_FILE_H
#define HOST_HOST_FILE_H

#include "host/host.h"

/*
 * Whole files and folders below the root; see host/admin_file.h for those that only an
 * administrator may have written. PATH is relative to the root, and its folders are resolved inside
 * it. Functions that write, create or remove act on PATH itself: they do not follow a link there.
 */

/* Reads at most LIMIT bytes into a new, zero-terminated buffer for the caller to free. -EFBIG:
 * the file is longer. LENGTH may be NULL. */
int host_file_read(const struct host *host, const char *path, size_t limit, char **text,
		size_t *length, struct err *err);

/* Replaces the file atomically and durably. The folder must exist. */
int host_file_write(const struct host *host, const char *path, const void *data, size_t length,
		struct err *err);

/* Creates or truncates a file for writing. Returns a descriptor, or -errno; -ELOOP: PATH is a
 * link. */
int host_file_create(const struct host *host, const char *path, struct err *err);

/* An absent file is not an error. */
int host_file_remove(const struct host *host, const char *path, struct err *err);

int host_link_create(
		const struct host *host, const char *path, const char *target, struct err *err);

/* mkdir -p and rm -r. An absent tree is not an error. */
int host_folder_create(const struct host *host, const char *path, struct err *err);
int host_tree_remove(const struct host *host, const char *path, struct err *err);

/* Whether PATH is a regular file and not a link. */
bool host_is_file(const struct host *host, const char *path);

#endif

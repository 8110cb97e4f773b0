/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_ADMIN_FILE_H
#define HOST_ADMIN_FILE_H

#include "host/host.h"

/*
 * Whole text files below the root that an administrator, or a program on their behalf, keeps: PATH
 * is relative to the root ("etc/vfctl/x.conf"). Files that somebody else could have written are not
 * read: a file must be a regular file, not a link, owned by root or the caller, and writable
 * neither by everybody nor by its group (unless that is root's or the caller's).
 */

/* Returns text for the caller to free, at most 1 MiB and without zero bytes. -ENOENT, -EPERM
 * (not trustworthy), -EINVAL (not text), -EFBIG. */
int admin_file_read(const struct host *host, const char *path, char **text, struct err *err);

/* Replaces the file atomically and durably, and creates missing folders. The old file stays on
 * any error. */
int admin_file_write(const struct host *host, const char *path, const char *text, struct err *err);

/* Opens a folder; first creates it and its parents durably if they are missing. Returns a
 * descriptor, or -errno. */
int admin_folder_open(const struct host *host, const char *path, struct err *err);

/* Removes the file durably. */
int admin_file_remove(const struct host *host, const char *path, struct err *err);

/* Renames a damaged file durably to NAME.damaged-N. ASIDE gets the new name. */
int admin_file_set_aside(const struct host *host, const char *path, char *aside, size_t size,
		struct err *err);

#endif

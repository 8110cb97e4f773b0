/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_ADMIN_FILE_H
#define HOST_ADMIN_FILE_H

#include "host/host.h"

/*
 * Whole text files that an administrator, or a program in his name, keeps below the root: PATH is
 * relative to it ("etc/vfctl/x.conf"). What somebody else could have written is not read: a file is
 * regular, no link, belongs to root or to the caller, and neither its group (unless that is root's)
 * nor everybody may write to it.
 */

/* Text for the caller to free, at most 1 MiB and without zero bytes. -ENOENT, -EPERM (not
 * trustworthy), -EINVAL (no text), -EFBIG. */
int admin_file_read(const struct host *host, const char *path, char **text, struct err *err);

/* Replaces the file atomically and durably; folders are made on the way. The old file stays on any
 * error. */
int admin_file_write(const struct host *host, const char *path, const char *text, struct err *err);

/* Opens a folder, after making it and those above it where they are missing, durably. Returns a
 * descriptor, or -errno. */
int admin_folder_open(const struct host *host, const char *path, struct err *err);

/* Removes the file durably. */
int admin_file_remove(const struct host *host, const char *path, struct err *err);

/* Renames a file that is damaged, durably, to NAME.damaged-N, which ASIDE gets. */
int admin_file_set_aside(const struct host *host, const char *path, char *aside, size_t size,
		struct err *err);

#endif

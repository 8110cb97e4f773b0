/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/admin_file.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

enum { TEXT_LIMIT = 1 << 20, ASIDE_MOST = 100 };

static int distrust(int fd, const char *full_path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at %s", full_path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "%s is not a regular file", full_path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(err, EPERM, "%s belongs to user %u: chown root %s", full_path,
				st.st_uid, full_path);
	if (st.st_mode & S_IWOTH ||
			(st.st_mode & S_IWGRP && st.st_gid != 0 && st.st_gid != getegid()))
		return err_set(err, EPERM, "others may write to %s: chmod go-w %s", full_path,
				full_path);
	return 0;
}

int admin_file_read(const struct host *host, const char *path, char **text, struct err *err)
{
	CLEANUP(cleanup_free) char *full_path = host_path(host, path);
	/* O_NONBLOCK: without it, opening a FIFO would wait for a writer. */
	CLEANUP(cleanup_fd)
	int fd = host_open_file(host, path, O_RDONLY | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
	CLEANUP(cleanup_free) char *fresh = NULL;
	size_t length;
	int rc;

	if (fd == -ELOOP)
		return err_set(err, EPERM, "%s is a link: put the file itself there", full_path);
	if (fd < 0)
		return err_set(err, -fd, "cannot open %s: %s", full_path, strerror(-fd));
	rc = distrust(fd, full_path, err);
	if (!rc)
		rc = file_read_fd(fd, full_path, TEXT_LIMIT, &fresh, &length, err);
	if (!rc)
		rc = file_check_text(full_path, fresh, length, err);
	if (rc < 0)
		return rc;
	*text = TAKE(fresh);
	return 0;
}

/* Goes down one folder at a time: the kernel resolves every step inside the root. */
int admin_folder_open(const struct host *host, const char *path, struct err *err)
{
	CLEANUP(cleanup_free) char *full_path = host_path(host, path);
	CLEANUP(cleanup_free) char *copy = text_format("%s", path);
	int fd = host_open_file(host, path, O_RDONLY | O_DIRECTORY);

	if (fd == -ENOENT) {
		char *name = strrchr(copy, '/');
		CLEANUP(cleanup_fd) int parent = -1;

		if (name)
			*name++ = '\0';
		parent = name ? admin_folder_open(host, copy, err)
			      : host_open_file(host, ".", O_RDONLY | O_DIRECTORY);
		if (parent < 0)
			return err_set(err, -parent, "cannot open the root folder: %s",
					strerror(-parent));
		if (mkdirat(parent, name ? name : copy, 0755) < 0 && errno != EEXIST)
			return err_sys(err, "cannot create the folder %s", full_path);
		if (fsync(parent) < 0)
			return err_sys(err, "cannot sync the folder above %s", full_path);
		fd = host_open_file(host, path, O_RDONLY | O_DIRECTORY);
	}
	if (fd < 0)
		return err_set(err, -fd, "cannot open the folder %s: %s", full_path, strerror(-fd));
	return fd;
}

/* Opens the folder of PATH. NAME gets the last component. */
static int open_folder_of(
		const struct host *host, const char *path, const char **name, struct err *err)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", path);

	*name = strrchr(path, '/') + 1;
	return admin_folder_open(host, dirname(copy), err);
}

int admin_file_write(const struct host *host, const char *path, const char *text, struct err *err)
{
	CLEANUP(cleanup_free) char *full_path = host_path(host, path);
	struct err cause = { 0 };
	const char *name;
	CLEANUP(cleanup_fd) int folder = open_folder_of(host, path, &name, err);
	CLEANUP(cleanup_file_draft) struct file_draft draft = FILE_DRAFT_NONE;
	int rc;

	if (folder < 0)
		return folder;
	rc = file_draft_open(folder, name, &draft, &cause);
	if (!rc) {
		errno = 0;
		fputs(text, draft.out);
		rc = file_draft_commit(&draft, &cause);
	}
	if (!rc)
		return 0;
	/* After the rename, only the sync of the folder can fail. */
	if (draft.path && !draft.fresh)
		return err_pass(err, &cause,
				"%.200s is written, but a power cut may bring the old one back: %s",
				full_path, cause.msg);
	return err_pass(err, &cause, "%.200s is as it was: %s", full_path, cause.msg);
}

int admin_file_remove(const struct host *host, const char *path, struct err *err)
{
	CLEANUP(cleanup_free) char *full_path = host_path(host, path);
	const char *name;
	CLEANUP(cleanup_fd) int folder = open_folder_of(host, path, &name, err);

	if (folder < 0)
		return folder;
	if (unlinkat(folder, name, 0) < 0)
		return err_sys(err, "cannot remove %s", full_path);
	if (fsync(folder) < 0)
		return err_sys(err, "cannot sync the folder of %s", full_path);
	return 0;
}

int admin_file_set_aside(const struct host *host, const char *path, char *aside, size_t size,
		struct err *err)
{
	CLEANUP(cleanup_free) char *full_path = host_path(host, path);
	const char *name;
	CLEANUP(cleanup_fd) int folder = open_folder_of(host, path, &name, err);

	if (folder < 0)
		return folder;
	for (unsigned n = 1; n < ASIDE_MOST; n++) {
		snprintf(aside, size, "%s.damaged-%u", name, n);
		if (!renameat2(folder, name, folder, aside, RENAME_NOREPLACE)) {
			if (fsync(folder) < 0)
				return err_sys(err, "cannot sync the folder of %s", full_path);
			return 0;
		}
		if (errno != EEXIST)
			return err_sys(err, "cannot set %s aside", full_path);
	}
	return err_set(err, EEXIST, "%s.damaged-1 to -%d are there: look at them and remove them",
			full_path, ASIDE_MOST - 1);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "host/admin_file.h"

/*
 * The folder of a path is opened inside the root. The *at calls get only the last component, which
 * they do not follow.
 */

static int fail(const struct host *host, const char *action, const char *path, int code,
		struct err *err)
{
	CLEANUP(cleanup_free) char *shown = host_path(host, path);

	return err_set(err, code, "cannot %s %s: %s", action, shown, strerror(code));
}

static const char *last_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Opens the folder of PATH. Returns a descriptor, or -errno. */
static int open_parent(const struct host *host, const char *path)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", path);

	return host_open_file(host, dirname(copy), O_RDONLY | O_DIRECTORY);
}

int host_file_read(const struct host *host, const char *path, size_t limit, char **text,
		size_t *length, struct err *err)
{
	CLEANUP(cleanup_free) char *shown = host_path(host, path);
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_RDONLY | O_NOCTTY);

	if (fd < 0)
		return fail(host, "open", path, -fd, err);
	return file_read_fd(fd, shown, limit, text, length, err);
}

int host_file_write(const struct host *host, const char *path, const void *data, size_t length,
		struct err *err)
{
	CLEANUP(cleanup_fd) int folder = open_parent(host, path);

	if (folder < 0)
		return fail(host, "open the folder of", path, -folder, err);
	return file_write_atomic(folder, last_of(path), data, length, err);
}

int host_file_create(const struct host *host, const char *path, struct err *err)
{
	CLEANUP(cleanup_fd) int folder = open_parent(host, path);
	int fd;

	if (folder < 0)
		return fail(host, "open the folder of", path, -folder, err);
	fd = openat(folder, last_of(path), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			0600);
	return fd < 0 ? fail(host, "create", path, errno, err) : fd;
}

int host_file_remove(const struct host *host, const char *path, struct err *err)
{
	CLEANUP(cleanup_fd) int folder = open_parent(host, path);

	if (folder < 0 && folder != -ENOENT)
		return fail(host, "open the folder of", path, -folder, err);
	if (folder >= 0 && unlinkat(folder, last_of(path), 0) < 0 && errno != ENOENT)
		return fail(host, "remove", path, errno, err);
	return 0;
}

int host_link_create(const struct host *host, const char *path, const char *target, struct err *err)
{
	CLEANUP(cleanup_fd) int folder = open_parent(host, path);

	if (folder < 0)
		return fail(host, "open the folder of", path, -folder, err);
	if (symlinkat(target, folder, last_of(path)) < 0)
		return fail(host, "create the link", path, errno, err);
	return 0;
}

int host_folder_create(const struct host *host, const char *path, struct err *err)
{
	CLEANUP(cleanup_fd) int folder = admin_folder_open(host, path, err);

	return folder < 0 ? folder : 0;
}

/* Removes NAME in FOLDER and everything below it. Returns 0 or -errno. */
static int remove_below(int folder, const char *name)
{
	CLEANUP(cleanup_dir) DIR *dir = NULL;
	struct dirent *entry;
	int fd, rc = 0;

	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return -errno;
	while (!rc && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			rc = remove_below(dirfd(dir), entry->d_name);
	}
	return !rc && unlinkat(folder, name, AT_REMOVEDIR) < 0 ? -errno : rc;
}

int host_tree_remove(const struct host *host, const char *path, struct err *err)
{
	CLEANUP(cleanup_fd) int folder = open_parent(host, path);
	int rc = folder == -ENOENT ? 0 : folder < 0 ? folder : remove_below(folder, last_of(path));

	return rc < 0 ? fail(host, "remove", path, -rc, err) : 0;
}

bool host_is_file(const struct host *host, const char *path)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_PATH | O_NOFOLLOW);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

/*
 * The kernel resolves every path inside the root directory (RESOLVE_IN_ROOT), so that a hostile
 * link in a recorded tree cannot lead to files of the machine on which the tree is read.
 */

struct host {
	int root_fd;
	char *root; /* absolute, "/" for the running machine */
	bool live;
	int64_t *kernel_us; /* see host_kernel_us() */
};

int host_open(const char *root, struct host **host, struct err *err)
{
	CLEANUP(cleanup_host) struct host *fresh = calloc(1, sizeof(*fresh));

	if (!fresh)
		abort();
	fresh->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fresh->root_fd < 0)
		return err_sys(err, "cannot open the root folder %s", root);
	fresh->root = realpath(root, NULL);
	if (!fresh->root)
		return err_sys(err, "cannot resolve the root folder %s", root);
	fresh->live = !strcmp(fresh->root, "/");
	fresh->kernel_us = calloc(1, sizeof(*fresh->kernel_us));
	if (!fresh->kernel_us)
		abort();
	*host = TAKE(fresh);
	return 0;
}

void host_close(struct host *host)
{
	if (!host)
		return;
	cleanup_fd(&host->root_fd);
	free(host->root);
	free(host->kernel_us);
	free(host);
}

void cleanup_host(struct host **host)
{
	host_close(*host);
}

bool host_is_live(const struct host *host)
{
	return host->live;
}

const char *host_root(const struct host *host)
{
	return host->root;
}

int64_t host_kernel_us(const struct host *host)
{
	return *host->kernel_us;
}

void host_waited(const struct host *host, int64_t began_us)
{
	*host->kernel_us += clock_us() - began_us;
}

char *host_path(const struct host *host, const char *path)
{
	return text_format("%s/%s", host->live ? "" : host->root, path);
}

static int open_in_root(const struct host *host, const char *path, int flags)
{
	struct open_how how = { .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT };
	int fd;

	do
		fd = (int)syscall(SYS_openat2, host->root_fd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd < 0 ? -errno : fd;
}

/* Opening some devices has an effect: it starts a watchdog, for example. */
static bool is_device(const struct host *host, const char *path)
{
	CLEANUP(cleanup_fd) int fd = open_in_root(host, path, O_PATH);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode));
}

int host_open_file(const struct host *host, const char *path, int flags)
{
	if (!host->live && !(flags & O_PATH) && is_device(host, path))
		return -EOPNOTSUPP;
	return open_in_root(host, path, flags);
}

/* RESOLVE_IN_ROOT does not allow such links. */
int host_open_kernel_link(const struct host *host, const char *path, int flags)
{
	int fd;

	if (!host->live)
		return -EOPNOTSUPP;
	fd = openat(host->root_fd, path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int complain(const struct host *host, const char *action, const char *path, int code,
		struct err *err)
{
	CLEANUP(cleanup_free) char *full_path = host_path(host, path);
	bool root_helps = (code == EPERM || code == EACCES) && geteuid() != 0;

	return err_set(err, code, "cannot %s %s: %s%s", action, full_path, strerror(code),
			root_helps ? " (run as root)" : "");
}

int host_read(const struct host *host, const char *path, char *value, size_t size, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_RDONLY | O_NOCTTY);
	size_t used = 0;

	if (fd < 0)
		return complain(host, "read", path, -fd, err);
	for (;;) {
		ssize_t got = read(fd, value + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return complain(host, "read", path, errno, err);
		if (!got)
			break;
		used += (size_t)got;
		if (used == size)
			return complain(host, "read", path, EFBIG, err);
	}
	used -= used && value[used - 1] == '\n';
	value[used] = '\0';
	return 0;
}

int host_read_bytes(
		const struct host *host, const char *path, char *bytes, size_t size, size_t *length)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_RDONLY | O_NOCTTY);
	ssize_t got;

	if (fd < 0)
		return fd;
	for (*length = 0; *length < size - 1; *length += (size_t)got) {
		got = read(fd, bytes + *length, size - 1 - *length);
		if (got < 0)
			return -errno;
		if (!got)
			break;
	}
	bytes[*length] = '\0';
	return 0;
}

/* The whole value goes to an attribute in one write. */
static int write_once(const struct host *host, const char *path, const char *value)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_WRONLY | O_TRUNC | O_NOCTTY);
	size_t length = strlen(value);
	ssize_t done;

	if (fd < 0)
		return fd == -EACCES ? -EPERM : fd;
	done = write(fd, value, length);
	if (done < 0)
		return errno == EACCES ? -EPERM : -errno;
	return (size_t)done == length ? 0 : -EIO;
}

int host_write(const struct host *host, const char *path, const char *value, struct err *err)
{
	int64_t began_us = clock_us();
	int rc = write_once(host, path, value);

	host_waited(host, began_us);
	return rc < 0 ? complain(host, "write", path, -rc, err) : 0;
}

bool host_exists(const struct host *host, const char *path)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_PATH);

	return fd >= 0;
}

int host_link_target(const struct host *host, const char *path, char *target, size_t size)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_PATH | O_NOFOLLOW);
	ssize_t length;

	if (fd < 0)
		return fd;
	length = readlinkat(fd, "", target, size);
	if (length < 0)
		return errno == ENOENT ? -EINVAL : -errno; /* ENOENT: not a link */
	if ((size_t)length == size)
		return -ENAMETOOLONG;
	target[length] = '\0';
	return 0;
}

int host_link_name(const struct host *host, const char *path, char *name, size_t size)
{
	char target[PATH_MAX];
	const char *last;
	int rc = host_link_target(host, path, target, sizeof(target));

	if (rc < 0)
		return rc;
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	if (strlen(last) >= size)
		return -ENAMETOOLONG;
	memcpy(name, last, strlen(last) + 1);
	return 0;
}

bool host_is_masked(const struct host *host, const char *path)
{
	char target[16];

	return !host_link_target(host, path, target, sizeof(target)) &&
			!strcmp(target, "/dev/null");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(int parent, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(parent, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

static int list_names(const struct host *host, const char *path, bool folders_only, char ***names,
		size_t *count, struct err *err)
{
	CLEANUP(cleanup_fd) int fd = host_open_file(host, path, O_RDONLY | O_DIRECTORY);
	CLEANUP(cleanup_dir) DIR *dir = NULL;
	char **found = NULL;
	struct dirent *entry;
	size_t used = 0;

	if (fd < 0)
		return complain(host, "list", path, -fd, err);
	dir = fdopendir(fd);
	if (!dir)
		return complain(host, "list", path, errno, err);
	fd = -1; /* the DIR owns it from here */
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
				(folders_only && !is_folder(dirfd(dir), entry)))
			continue;
		if (!(used & (used - 1)))
			found = realloc(found, (used ? 2 * used : 1) * sizeof(*found));
		if (!found || !(found[used++] = strdup(entry->d_name)))
			abort();
	}
	if (used)
		qsort(found, used, sizeof(*found), by_name);
	*names = found;
	*count = used;
	return 0;
}

int host_names(const struct host *host, const char *path, char ***names, size_t *count,
		struct err *err)
{
	return list_names(host, path, false, names, count, err);
}

int host_folders(const struct host *host, const char *path, char ***names, size_t *count,
		struct err *err)
{
	return list_names(host, path, true, names, count, err);
}

void host_names_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

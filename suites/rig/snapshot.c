/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "data/digest.h"

/*
 * A snapshot is a folder with the file "state", on which readers hold a shared lock. The folder's
 * time is that of its last use. It is written under a temporary name and then renamed.
 */

#define PREFIX     "snapshot-"
#define FRESH      ".snapshot-"
#define FORMAT     "1" /* a change makes all existing states unusable */
#define KEPT       10
#define SPARE_MIB  64
#define DIGEST_CUT 16

void snapshot_key(const struct qemu *qemu, const struct image *image, const struct argv *command,
		struct snapshot_key *key)
{
	struct digest *digest = digest_begin();
	const char *const parts[] = { image->root, image->kernel, image->guests };
	char text[DIGEST_TEXT];

	digest_add_str(digest, FORMAT);
	digest_add_str(digest, qemu->version);
	digest_add(digest, &qemu->size, sizeof(qemu->size));
	digest_add(digest, &qemu->changed, sizeof(qemu->changed));
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && parts[i]; i++)
		digest_add_str(digest, strrchr(parts[i], '/'));
	for (size_t i = 0; i < command->count; i++)
		digest_add_str(digest, command->list[i]);
	digest_end(digest, text);
	snprintf(key->name, sizeof(key->name), PREFIX "%.*s", DIGEST_CUT, text);
}

int snapshot_find(const char *cache_dir, const struct snapshot_key *key, char **state, int *lock)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/%s/state", cache_dir, key->name);
	CLEANUP(cleanup_free) char *folder = text_format("%s/%s", cache_dir, key->name);
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) < 0)
		return -ENOENT;
	/* It may have been removed between open and lock. */
	if (access(path, R_OK) < 0)
		return -ENOENT;
	utimensat(AT_FDCWD, folder, NULL, 0);
	*state = TAKE(path);
	*lock = TAKE_FD(fd);
	return 0;
}

static void remove_unless_used(const char *folder)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/state", folder);
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		file_remove_tree(folder, NULL);
}

void snapshot_remove(const char *cache_dir, const struct snapshot_key *key)
{
	CLEANUP(cleanup_free) char *folder = text_format("%s/%s", cache_dir, key->name);

	remove_unless_used(folder);
}

struct found {
	char *folder;
	int64_t used;
};

static int by_use(const void *a, const void *b)
{
	int64_t left = ((const struct found *)a)->used, right = ((const struct found *)b)->used;

	return (left < right) - (left > right); /* the latest first */
}

/* Whether a program that was killed while writing a snapshot left the folder. */
static bool is_orphan(const char *name)
{
	int pid;

	return sscanf(name, FRESH "%d", &pid) == 1 && kill(pid, 0) < 0 && errno == ESRCH;
}

/* Keeps the latest KEPT - 1 states, to make room for the next. */
static void prune(const char *cache_dir)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(cache_dir);
	CLEANUP(cleanup_free) struct found *list = NULL;
	struct dirent *entry;
	size_t count = 0;

	while (dir && (entry = readdir(dir))) {
		CLEANUP(cleanup_free) char *path = text_format("%s/%s", cache_dir, entry->d_name);
		struct stat st;

		if (is_orphan(entry->d_name))
			file_remove_tree(path, NULL);
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) || stat(path, &st) < 0)
			continue;
		list = realloc(list, (count + 1) * sizeof(*list));
		if (!list)
			abort();
		list[count++] = (struct found){ TAKE(path), (int64_t)st.st_mtime };
	}
	if (count)
		qsort(list, count, sizeof(*list), by_use);
	for (size_t i = 0; i < count; i++) {
		if (i >= KEPT - 1)
			remove_unless_used(list[i].folder);
		free(list[i].folder);
	}
}

static int check_space(const char *cache_dir, unsigned memory_mib, struct err *err)
{
	struct statvfs vfs;
	uint64_t free_mib, needed_mib = (uint64_t)memory_mib + SPARE_MIB;

	if (statvfs(cache_dir, &vfs) < 0)
		return err_sys(err, "cannot read the free space in %s", cache_dir);
	free_mib = (uint64_t)vfs.f_bavail * vfs.f_frsize >> 20;
	if (free_mib < needed_mib)
		return err_set(err, ENOSPC, "%s has %llu MiB free, a snapshot may need %llu MiB",
				cache_dir, (unsigned long long)free_mib,
				(unsigned long long)needed_mib);
	return 0;
}

static int save_into(struct machine *machine, const char *fresh, const char *final, struct err *err)
{
	CLEANUP(cleanup_free) char *state = text_format("%s/state", fresh);
	int rc;

	if (mkdir(fresh, 0700) < 0)
		return err_sys(err, "cannot create the folder %s", fresh);
	rc = machine_save(machine, state, err);
	if (rc < 0)
		return rc;
	/* Another rig may have written the same snapshot. */
	if (rename(fresh, final) < 0 && errno != ENOTEMPTY && errno != EEXIST)
		return err_sys(err, "cannot move the snapshot to %s", final);
	return 0;
}

int snapshot_save(struct machine *machine, const char *cache_dir, const struct snapshot_key *key,
		unsigned memory_mib, struct err *err)
{
	CLEANUP(cleanup_free)
	char *fresh = text_format("%s/" FRESH "%d", cache_dir, (int)getpid());
	CLEANUP(cleanup_free) char *final = text_format("%s/%s", cache_dir, key->name);
	int rc;

	prune(cache_dir);
	rc = check_space(cache_dir, memory_mib, err);
	if (rc < 0)
		return rc;
	rc = save_into(machine, fresh, final, err);
	file_remove_tree(fresh, NULL);
	return rc;
}

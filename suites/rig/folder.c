/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define PREFIX "vfcert-"

/* A folder that is created but not locked yet names a live process. In a container that process may be
 * invisible, and only the lock shows that the folder is in use. */
static bool is_abandoned(int dir_fd, const char *name)
{
	CLEANUP(cleanup_free) char *lock = text_format("%s/lock", name);
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st;
	int pid, used;

	if (sscanf(name, PREFIX "%d-%n", &pid, &used) != 1 || strlen(name + used) != 6)
		return false;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_uid != geteuid())
		return false;
	if (kill(pid, 0) == 0 || errno != ESRCH)
		return false;
	fd = openat(dir_fd, lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void remove_abandoned(const char *run_dir)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(run_dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		CLEANUP(cleanup_free) char *path = NULL;

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) ||
				!is_abandoned(dirfd(dir), entry->d_name))
			continue;
		path = text_format("%s/%s", run_dir, entry->d_name);
		file_remove_tree(path, NULL);
	}
}

int folder_make(const char *run_dir, const char *path, struct folder *folder, struct err *err)
{
	CLEANUP(cleanup_free) char *lock = NULL;

	*folder = FOLDER_NONE;
	if (path) {
		if (mkdir(path, 0700) < 0)
			return err_sys(err, "cannot create the folder %s", path);
		folder->path = text_format("%s", path);
	} else {
		remove_abandoned(run_dir);
		folder->path = text_format("%s/" PREFIX "%d-XXXXXX", run_dir, (int)getpid());
		if (!mkdtemp(folder->path)) {
			err_sys(err, "cannot create a folder in %s", run_dir);
			free(TAKE(folder->path));
			return -(err ? err->code : EIO);
		}
	}
	lock = text_format("%s/lock", folder->path);
	folder->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (folder->lock < 0 || flock(folder->lock, LOCK_EX | LOCK_NB) < 0) {
		err_sys(err, "cannot lock the folder %s", folder->path);
		folder_remove(folder);
		return -(err ? err->code : EIO);
	}
	dprintf(folder->lock, "%d\n", (int)getpid());
	return 0;
}

static void forget(struct folder *folder)
{
	free(TAKE(folder->path));
	cleanup_fd(&folder->lock);
	folder->lock = -1;
}

void folder_remove(struct folder *folder)
{
	if (folder->path)
		file_remove_tree(folder->path, NULL);
	forget(folder);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/lock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "host/admin_file.h"

/*
 * A flock(), which the kernel releases when its process ends, however that ends. The file's text is
 * for people: it says who has the lock.
 */

#define LOCK_FOLDER "run/vfctl"
#define POLL_MS     20

static bool is_mine(void *argument)
{
	return !flock(*(int *)argument, LOCK_EX | LOCK_NB);
}

static int complain(const struct host *host, int fd, int wait_s, struct err *err)
{
	CLEANUP(cleanup_free) char *path = host_path(host, LOCK_FOLDER "/lock");
	char holder[64] = "";

	if (pread(fd, holder, sizeof(holder) - 1, 0) < 0 || !*holder)
		snprintf(holder, sizeof(holder), "another process");
	holder[strcspn(holder, "\n")] = '\0';
	return err_set(err, EBUSY,
			"%s is changing this host's cards or networks, and was not done within %d s "
			"(%s)",
			holder, wait_s, path);
}

int lock_take(const struct host *host, const char *verb, int wait_s, int *fd, struct err *err)
{
	CLEANUP(cleanup_fd) int folder = admin_folder_open(host, LOCK_FOLDER, err);
	CLEANUP(cleanup_fd) int lock = -1;
	char text[64];

	if (folder < 0)
		return folder;
	lock = openat(folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (lock < 0)
		return err_sys(err, "cannot open %s/lock", LOCK_FOLDER);
	if (!clock_poll(is_mine, &lock, deadline_in(1000 * (int64_t)wait_s), POLL_MS))
		return complain(host, lock, wait_s, err);
	snprintf(text, sizeof(text), "vfctl %s (pid %d)\n", verb, (int)getpid());
	/* On a full disk the lock holds, but without a name. */
	if (!ftruncate(lock, 0))
		file_write_all(lock, text, strlen(text));
	*fd = TAKE_FD(lock);
	return 0;
}

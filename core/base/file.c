/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

int file_read_fd(int fd, const char *path, size_t limit, char **text, size_t *length,
		struct err *err)
{
	CLEANUP(cleanup_free) char *buffer = NULL;
	size_t used = 0, room = 0;

	for (;;) {
		ssize_t got;

		if (room - used < 2) {
			char *grown = realloc(buffer, room = room ? 2 * room : 4096);

			if (!grown)
				return err_set(err, ENOMEM, "no memory to read %s", path);
			buffer = grown;
		}
		got = read(fd, buffer + used, room - used - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, "cannot read %s", path);
		if (!got)
			break;
		used += (size_t)got;
		if (used > limit)
			return err_set(err, EFBIG, "%s is larger than %zu bytes", path, limit);
	}
	buffer[used] = '\0';
	if (length)
		*length = used;
	*text = TAKE(buffer);
	return 0;
}

int file_read(int dir_fd, const char *path, size_t limit, char **text, size_t *length,
		struct err *err)
{
	CLEANUP(cleanup_fd) int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	return file_read_fd(fd, path, limit, text, length, err);
}

int file_check_text(const char *path, const char *text, size_t length, struct err *err)
{
	bool marked = length >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2));
	size_t used = strlen(text);

	if (marked || (used < 2 && length >= 4 && used != length))
		return err_set(err, EINVAL, "%s is in UTF-16: save it as UTF-8", path);
	if (used != length)
		return err_set(err, EINVAL, "%s is no text: it holds a zero byte", path);
	return 0;
}

int file_write_all(int fd, const void *data, size_t length)
{
	const char *rest = data;

	while (length) {
		ssize_t done = write(fd, rest, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		rest += done;
		length -= (size_t)done;
	}
	return 0;
}

static int sync_folder_of(int dir_fd, const char *path)
{
	CLEANUP(cleanup_free) char *copy = strdup(path);
	CLEANUP(cleanup_fd) int fd = -1;

	if (!copy)
		return -ENOMEM;
	fd = openat(dir_fd, dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* Creates a file beside PATH with an unpredictable name. */
static int create_fresh(int dir_fd, const char *path, char **fresh)
{
	enum { TRIES = 100 };
	uint64_t number;
	int fd = -1;

	for (int i = 0; i < TRIES && fd < 0; i++) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -1;
		free(*fresh);
		*fresh = text_format("%s.%016" PRIx64 ".new", path, number);
		fd = openat(dir_fd, *fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				0644);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

int file_draft_open(int dir_fd, const char *path, struct file_draft *draft, struct err *err)
{
	struct stat st;
	bool direct = dir_fd == AT_FDCWD && stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
			!S_ISDIR(st.st_mode);
	CLEANUP(cleanup_free) char *fresh = NULL;
	CLEANUP(cleanup_fd)
	int fd = direct ? openat(dir_fd, path, O_WRONLY | O_NOCTTY | O_CLOEXEC)
			: create_fresh(dir_fd, path, &fresh);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out) {
		int rc = err_sys(err, "cannot create %s", fresh ? fresh : path);

		if (fd >= 0 && fresh)
			unlinkat(dir_fd, fresh, 0);
		return rc;
	}
	TAKE_FD(fd);
	*draft = (struct file_draft){ out, text_format("%s", path), TAKE(fresh), dir_fd };
	return 0;
}

int file_draft_commit(struct file_draft *draft, struct err *err)
{
	int rc = fflush(draft->out) || ferror(draft->out) ? -(errno ? errno : EIO) : 0;

	if (!rc && draft->fresh && fsync(fileno(draft->out)) < 0)
		rc = -errno;
	if (fclose(TAKE(draft->out)) && !rc)
		rc = -errno;
	if (!rc && draft->fresh &&
			renameat(draft->dir_fd, draft->fresh, draft->dir_fd, draft->path) < 0)
		rc = -errno;
	if (rc < 0)
		return err_set(err, -rc, "cannot write %s: %s", draft->path, strerror(-rc));
	if (!draft->fresh)
		return 0;
	free(TAKE(draft->fresh));
	rc = sync_folder_of(draft->dir_fd, draft->path);
	if (rc < 0)
		return err_set(err, -rc, "cannot sync the folder of %s: %s", draft->path,
				strerror(-rc));
	return 0;
}

void cleanup_file_draft(struct file_draft *draft)
{
	if (draft->out)
		fclose(draft->out);
	if (draft->fresh)
		unlinkat(draft->dir_fd, draft->fresh, 0);
	free(draft->fresh);
	free(draft->path);
}

int file_write_atomic(
		int dir_fd, const char *path, const void *data, size_t length, struct err *err)
{
	CLEANUP(cleanup_file_draft) struct file_draft draft = FILE_DRAFT_NONE;
	int rc = file_draft_open(dir_fd, path, &draft, err);

	if (rc < 0)
		return rc;
	errno = 0;
	fwrite(data, 1, length, draft.out);
	return file_draft_commit(&draft, err);
}

bool file_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int file_make_dirs(const char *path, mode_t mode, struct err *err)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", path);

	for (char *slash = copy + 1; *copy; slash++) {
		char kept = *slash;

		if (kept != '/' && kept)
			continue;
		*slash = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return err_sys(err, "cannot create the folder %s", copy);
		*slash = kept;
		if (!kept)
			break;
	}
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

int file_remove_tree(const char *path, struct err *err)
{
	if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0 && errno != ENOENT)
		return err_sys(err, "cannot remove %s", path);
	return 0;
}

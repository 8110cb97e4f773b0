/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "host/conf_files.h"
#include "managers/other_manager_internal.h"

enum { FILE_LIMIT = 1 << 20 };

static void add(struct manager_files *files, char *file, char *text)
{
	files->items = reallocarray(files->items, files->count + 1, sizeof(*files->items));
	if (!files->items)
		abort();
	files->items[files->count++] = (struct manager_file){ file, text };
}

void manager_files_free(struct manager_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->items[i].file);
		free(files->items[i].text);
	}
	free(files->items);
	*files = (struct manager_files){ 0 };
}

static void note(const struct manager_scan *scan, const char *file, const char *why)
{
	diagnostic_add(scan->notes, "%s: %s: whether it manages VFs is not known", file, why);
}

static void note_unreadable(const struct manager_scan *scan, const char *file, int code)
{
	CLEANUP(cleanup_free)
	char *why = text_format("cannot be read (%s%s)", strerror(code),
			code == EACCES ? "; run as root" : "");

	note(scan, file, why);
}

void manager_file_read(
		const struct manager_scan *scan, const char *path, struct manager_files *files)
{
	CLEANUP(cleanup_fd)
	int fd = host_open_file(scan->host, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	CLEANUP(cleanup_free) char *file = host_path(scan->host, path);
	CLEANUP(cleanup_free) char *text = NULL;
	struct stat st;
	size_t length;
	int rc;

	if (fd == -ENOENT || fd == -ENOTDIR || fd == -EOPNOTSUPP)
		return;
	if (fd < 0) {
		note_unreadable(scan, file, -fd);
		return;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	rc = file_read_fd(fd, file, FILE_LIMIT, &text, &length, NULL);
	if (rc == -EFBIG)
		note(scan, file, "is larger than 1 MiB");
	else if (rc < 0)
		note_unreadable(scan, file, -rc);
	else if (strlen(text) != length)
		note(scan, file, "is no text: it holds a zero byte");
	else
		add(files, TAKE(file), TAKE(text));
}

void manager_files_read(const struct manager_scan *scan, const char *const folders[],
		const char *below, const char *suffix, struct manager_files *files)
{
	struct err err = { 0 };
	char **paths;
	size_t count;

	if (conf_files_list(scan->host, folders, below, suffix, &paths, &count, &err) < 0) {
		diagnostic_add(scan->notes, "%s: whether files there manage VFs is not known",
				err.msg);
		return;
	}
	for (size_t i = 0; i < count; i++)
		manager_file_read(scan, paths[i], files);
	host_names_free(paths, count);
}

static bool is_left_behind(const char *name)
{
	static const char *const ends[] = { "~", ".bak", ".orig", ".rej", ".rpmnew", ".rpmorig",
		".rpmsave", ".swp", ".dpkg-old", ".dpkg-dist", ".dpkg-new" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t length = strlen(name), end = strlen(ends[i]);

		if (length > end && !strcmp(name + length - end, ends[i]))
			return true;
	}
	return *name == '.';
}

void manager_folder_read(const struct manager_scan *scan, const char *folder, const char *pattern,
		struct manager_files *files)
{
	struct err err = { 0 };
	char **names;
	size_t count;

	if (!host_exists(scan->host, folder))
		return;
	if (host_names(scan->host, folder, &names, &count, &err) < 0) {
		if (err.code != ENOTDIR)
			diagnostic_add(scan->notes,
					"%s: whether files there manage VFs is not known", err.msg);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, names[i]);

		if (!is_left_behind(names[i]) && !fnmatch(pattern, names[i], 0))
			manager_file_read(scan, path, files);
	}
	host_names_free(names, count);
}

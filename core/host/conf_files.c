/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/conf_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

struct paths {
	size_t count;
	char **items;
};

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(name_of(*(char *const *)a), name_of(*(char *const *)b));
}

static bool has_name(const struct paths *paths, const char *name)
{
	for (size_t i = 0; i < paths->count; i++) {
		if (!strcmp(name_of(paths->items[i]), name))
			return true;
	}
	return false;
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);

	return *name != '.' && length > end && !strcmp(name + length - end, suffix);
}

static int list_folder(const struct host *host, const char *folder, const char *suffix,
		struct paths *paths, struct err *err)
{
	char **names;
	size_t count;
	int rc = host_exists(host, folder) ? host_names(host, folder, &names, &count, err)
					   : -ENOENT;

	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	for (size_t i = 0; i < count; i++) {
		if (!ends_with(names[i], suffix) || has_name(paths, names[i]))
			continue;
		paths->items = reallocarray(paths->items, paths->count + 1, sizeof(char *));
		if (!paths->items)
			abort();
		paths->items[paths->count++] = text_format("%s/%s", folder, names[i]);
	}
	host_names_free(names, count);
	return 0;
}

static void drop_masked(const struct host *host, struct paths *paths)
{
	size_t kept = 0;

	for (size_t i = 0; i < paths->count; i++) {
		if (host_is_masked(host, paths->items[i]))
			free(paths->items[i]);
		else
			paths->items[kept++] = paths->items[i];
	}
	paths->count = kept;
}

int conf_files_list(const struct host *host, const char *const folders[], const char *below,
		const char *suffix, char ***paths, size_t *count, struct err *err)
{
	struct paths found = { 0 };
	int rc = 0;

	for (size_t i = 0; folders[i] && !rc; i++) {
		CLEANUP(cleanup_free)
		char *folder = text_format("%s%s%s", folders[i], *below ? "/" : "", below);

		rc = list_folder(host, folder, suffix, &found, err);
	}
	if (found.count)
		qsort(found.items, found.count, sizeof(*found.items), by_name);
	drop_masked(host, &found);
	*paths = found.items;
	*count = found.count;
	if (rc < 0)
		host_names_free(found.items, found.count);
	return rc;
}

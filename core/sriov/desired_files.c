/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/admin_file.h"
#include "sriov/desired_parts.h"

/*
 * Where policy files lie. A name is looked for in the folders in their order, and the first that
 * has it decides: a file is read, a link to /dev/null hides the name.
 */

#define POLICY_LIMIT (1u << 20) /* bytes of one file; a real one has a few hundred */

static const char *const folders[] = { "etc/vfctl", "run/vfctl", "usr/lib/vfctl" };

enum { FOLDER_COUNT = sizeof(folders) / sizeof(*folders) };

/* The paths of one kind of file, in the order of the names, each name once. */
struct paths {
	size_t count;
	char **items;
};

static void paths_free(struct paths *paths)
{
	host_names_free(paths->items, paths->count);
	*paths = (struct paths){ 0 };
}

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

static bool is_policy_name(const char *name)
{
	size_t length = strlen(name);

	return *name != '.' && length > 5 && !strcmp(name + length - 5, ".conf");
}

/* The *.conf of one folder whose names no earlier folder has. An absent folder has none. */
static int list_folder(
		const struct host *host, const char *folder, struct paths *paths, struct err *err)
{
	char **names;
	size_t count;
	int rc = host_names(host, folder, &names, &count, host_exists(host, folder) ? err : NULL);

	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	for (size_t i = 0; i < count; i++) {
		if (!is_policy_name(names[i]) || has_name(paths, names[i]))
			continue;
		paths->items = reallocarray(paths->items, paths->count + 1, sizeof(char *));
		if (!paths->items)
			abort();
		paths->items[paths->count++] = file_path("%s/%s", folder, names[i]);
	}
	host_names_free(names, count);
	return 0;
}

/* SUFFIX: "/10-lan.conf.d", or "". */
static int list_all(
		const struct host *host, const char *suffix, struct paths *paths, struct err *err)
{
	int rc = 0;

	for (int i = 0; i < FOLDER_COUNT && !rc; i++) {
		CLEANUP(cleanup_free) char *folder = file_path("%s%s", folders[i], suffix);

		rc = list_folder(host, folder, paths, err);
	}
	if (!rc && paths->count)
		qsort(paths->items, paths->count, sizeof(*paths->items), by_name);
	return rc;
}

static void read_policy(const struct host *host, const char *path, struct policy_source *source,
		struct faults *faults)
{
	CLEANUP(cleanup_free) char *told = host_path(host, path);
	CLEANUP(cleanup_free) char *text = NULL;
	struct err err = { 0 };
	size_t before = faults->count;

	if (admin_file_read(host, path, &text, &err) < 0)
		fault_add(faults, "%s", err.msg);
	else
		policy_source_add(source, ini_parse_all(told, text, faults));
	source->broken |= faults->count != before;
}

void policy_source_read(const char *path, struct policy_source *source, struct faults *faults)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct err err = { 0 };
	size_t before = faults->count, length;

	if (file_read(AT_FDCWD, path, POLICY_LIMIT, &text, &length, &err) < 0)
		fault_add(faults, "%s", err.msg);
	else if (strlen(text) != length)
		fault_add(faults, "%s is no text: it holds a zero byte", path);
	else
		policy_source_add(source, ini_parse_all(path, text, faults));
	source->broken |= faults->count != before;
}

void policy_source_add(struct policy_source *source, struct ini *ini)
{
	source->inis = reallocarray(source->inis, source->count + 1, sizeof(*source->inis));
	if (!source->inis)
		abort();
	source->inis[source->count++] = ini;
}

struct policy_source *policy_sources_add(struct policy_sources *sources, const char *name)
{
	struct policy_source *added;

	sources->items = reallocarray(sources->items, sources->count + 1, sizeof(*added));
	if (!sources->items)
		abort();
	added = &sources->items[sources->count++];
	*added = (struct policy_source){ .name = file_path("%s", name) };
	return added;
}

static int load_one(const struct host *host, const char *path, struct policy_source *source,
		struct faults *faults, struct err *err)
{
	CLEANUP(cleanup_free) char *suffix = file_path("/%s.d", name_of(path));
	struct paths drop_ins = { 0 };
	int rc = list_all(host, suffix, &drop_ins, err);

	read_policy(host, path, source, faults);
	for (size_t i = 0; i < drop_ins.count && !rc; i++) {
		if (!host_is_masked(host, drop_ins.items[i]))
			read_policy(host, drop_ins.items[i], source, faults);
	}
	paths_free(&drop_ins);
	return rc;
}

int policy_sources_load(const struct host *host, struct policy_sources *sources,
		struct faults *faults, struct err *err)
{
	struct paths paths = { 0 };
	int rc = list_all(host, "", &paths, err);

	for (size_t i = 0; i < paths.count && !rc; i++) {
		CLEANUP(cleanup_free) char *told = host_path(host, paths.items[i]);
		struct policy_source *source;

		if (host_is_masked(host, paths.items[i]))
			continue;
		source = policy_sources_add(sources, told);
		rc = load_one(host, paths.items[i], source, faults, err);
	}
	paths_free(&paths);
	return rc;
}

void policy_sources_free(struct policy_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		struct policy_source *source = &sources->items[i];

		for (size_t k = 0; k < source->count; k++)
			ini_free(source->inis[k]);
		free(source->inis);
		free(source->name);
	}
	free(sources->items);
	*sources = (struct policy_sources){ 0 };
}

void cleanup_policy_sources(struct policy_sources *sources)
{
	policy_sources_free(sources);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "base/text.h"
#include "vfcert/setup.h"

/* Finds files and folders, from the environment and from the folder of this program. */

#define RUN_DIR_LIMIT 60 /* the path of a socket in a folder in it has at most 107 bytes */

/* The folder of this program. */
static char *own_folder(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	while (length > 0 && path[length - 1] != '/')
		length--;
	return length > 1 ? text_format("%.*s", (int)length - 1, path) : text_format("/usr/bin");
}

/*
 * Returns BUILT in this program's folder if that is a build folder and has it. Otherwise INSTALLED,
 * which is relative to this program's folder, so that an installation can be moved.
 */
static char *find_beside(const char *built, const char *installed)
{
	CLEANUP(cleanup_free) char *own = own_folder();
	CLEANUP(cleanup_free) char *there = text_format("%s/%s", own, built);
	CLEANUP(cleanup_free)
	char *placed = text_format("%s%s%s", *installed == '/' ? "" : own,
			*installed == '/' ? "" : "/", installed);
	const char *found = access(there, F_OK) == 0 ? there : placed;
	char *plain = realpath(found, NULL);

	return plain ? plain : text_format("%s", found);
}

static char *find_data_dir(void)
{
	const char *named = getenv("VFCERT_DATA_DIR");

	return named && *named ? text_format("%s", named)
			       : find_beside("vfcert-data", INSTALLED_DATA);
}

char *data_path(const char *name)
{
	CLEANUP(cleanup_free) char *folder = find_data_dir();

	return text_format("%s/%s", folder, name);
}

char *profiles_dir(void)
{
	return data_path("suites/profiles");
}

char *tools_dir(const struct verb_call *call)
{
	const char *tools = call_value(call, "tools");
	CLEANUP(cleanup_free) char *vfsuite = NULL;

	if (tools)
		return text_format("%s", tools);
	vfsuite = find_beside("vfsuite", INSTALLED_TOOLS "/vfsuite");
	return text_format("%.*s", (int)(strrchr(vfsuite, '/') - vfsuite), vfsuite);
}

static char *find_cache(struct err *err)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (base && base[0] == '/')
		return text_format("%s/vfcert", base);
	if (home && home[0] == '/')
		return text_format("%s/.cache/vfcert", home);
	err_set(err, ENOENT, "no cache folder: set HOME or XDG_CACHE_HOME");
	return NULL;
}

char *find_run_dir(void)
{
	static const char *const names[] = { "XDG_RUNTIME_DIR", "TMPDIR" };

	for (size_t i = 0; i < 2; i++) {
		const char *path = getenv(names[i]);

		if (path && path[0] == '/' && strlen(path) <= RUN_DIR_LIMIT &&
				access(path, R_OK | W_OK | X_OK) == 0)
			return text_format("%s", path);
	}
	return text_format("/tmp");
}

/* Returns NULL if this machine has none. */
static char *find_qemu(void)
{
	const char *named = getenv("VFCERT_QEMU"), *path = getenv("PATH");
	CLEANUP(cleanup_free) char *copy = text_format("%s", path ? path : "/usr/bin:/bin");
	char *rest = copy, *folder;

	if (named && *named)
		return text_format("%s", named);
	while ((folder = strsep(&rest, ":"))) {
		CLEANUP(cleanup_free) char *program = text_format("%s/qemu-system-x86_64", folder);

		if (*folder == '/' && access(program, X_OK) == 0)
			return TAKE(program);
	}
	return NULL;
}

static void print_progress(void *argument, const char *what)
{
	const char *program = argument;

	fprintf(stderr, "%s: ", program);
	text_print_safe(what, stderr);
	fputc('\n', stderr);
}

int setup_from_call(const struct verb_call *call, struct rig_setup *setup, struct err *err)
{
	int rc;

	*setup = (struct rig_setup){ .data_dir = find_data_dir() };
	rc = rig_options_read(call, &setup->options, err);
	if (rc < 0)
		return rc;
	setup->tools_dir = tools_dir(call);
	setup->cache_dir = find_cache(err);
	if (!setup->cache_dir)
		return -ENOENT;
	setup->run_dir = find_run_dir();
	setup->qemu = find_qemu();
	setup->options.data_dir = setup->data_dir;
	setup->options.tools_dir = setup->tools_dir;
	setup->options.cache_dir = setup->cache_dir;
	setup->options.run_dir = setup->run_dir;
	setup->options.qemu = setup->qemu;
	setup->options.progress = print_progress;
	setup->options.progress_argument = (void *)call->program->name;
	return 0;
}

void cleanup_setup(struct rig_setup *setup)
{
	free(setup->data_dir);
	free(setup->tools_dir);
	free(setup->cache_dir);
	free(setup->run_dir);
	free(setup->qemu);
}

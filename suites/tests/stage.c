/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/stage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "rig/rig_kind.h"

#define IMAGE_TIME_MS (20 * 60 * 1000)
#define CLEAN_TIME_MS 5000

/* The output of a shell command, without its newline. */
static char *output_of(const char *command, const char *argument, struct err *err)
{
	const char *const argv[] = { "sh", "-c", command, "sh", argument, NULL };
	char *output = NULL;

	if (process_run(argv, deadline_in(IMAGE_TIME_MS), &output, err) < 0)
		return NULL;
	output[strcspn(output, "\n")] = '\0';
	return output;
}

static void remember(void *argument, const char *what)
{
	struct stage *stage = argument;
	size_t used = strlen(stage->said);

	snprintf(stage->said + used, sizeof(stage->said) - used, "%s\n", what);
}

/* A rig's data folder, with a build that gives the image that is there. */
static int fill_data(struct stage *stage, const char *source, struct err *err)
{
	CLEANUP(cleanup_free) char *images = file_path("%s/vmimages", stage->data);
	CLEANUP(cleanup_free) char *build = file_path("%s/build", images);
	CLEANUP(cleanup_free) char *pack = file_path("%s/tools-disk", images);
	CLEANUP(cleanup_free) char *state = file_path("%s/state-disk", images);
	CLEANUP(cleanup_free) char *fixtures = file_path("%s/fixtures", stage->data);
	CLEANUP(cleanup_free)
	char *script = file_path("#!/bin/sh\necho '%s'\necho '%s'\n", stage->image, stage->kernel);
	CLEANUP(cleanup_free) char *real_pack = file_path("%s/vmimages/tools-disk", source);
	CLEANUP(cleanup_free) char *real_state = file_path("%s/vmimages/state-disk", source);
	CLEANUP(cleanup_free) char *real_fixtures = file_path("%s/fixtures", source);
	int rc = file_make_dirs(images, 0700, err);

	if (!rc)
		rc = file_write_atomic(AT_FDCWD, build, script, strlen(script), err);
	if (rc < 0)
		return rc;
	if (chmod(build, 0700) < 0 || symlink(real_pack, pack) < 0 ||
			symlink(real_state, state) < 0 || symlink(real_fixtures, fixtures) < 0)
		return err_sys(err, "cannot set up %s", stage->data);
	return 0;
}

int stage_set(struct stage *stage, const char *source, const char *tools, struct err *err)
{
	int rc;

	*stage = (struct stage){ .path = "/tmp/vfcert-stage-XXXXXX" };
	if (!mkdtemp(stage->path))
		return err_sys(err, "cannot create a stage");
	stage->image = output_of("\"$1\"/vmimages/build 2>/dev/null | head -n 1", source, err);
	stage->kernel = output_of("\"$1\"/vmimages/build 2>/dev/null | tail -n 1", source, err);
	stage->qemu = output_of("command -v qemu-system-x86_64", "", err);
	if (!stage->image || !stage->kernel || !stage->qemu)
		return -err->code;
	stage->cache = file_path("%s/cache", stage->path);
	stage->run = file_path("%s/run", stage->path);
	stage->data = file_path("%s/data", stage->path);
	rc = fill_data(stage, source, err);
	if (!rc)
		rc = file_make_dirs(stage->run, 0700, err);
	if (!rc)
		rc = file_make_dirs(stage->cache, 0700, err);
	stage->options = (struct rig_options){
		.kind = rig_kind_find("emulated"),
		.data_dir = stage->data,
		.tools_dir = tools,
		.cache_dir = stage->cache,
		.run_dir = stage->run,
		.qemu = stage->qemu,
		.progress = remember,
		.progress_argument = stage,
	};
	return rc;
}

void stage_strike(struct stage *stage)
{
	file_remove_tree(stage->path, NULL);
	free(stage->image);
	free(stage->kernel);
	free(stage->qemu);
	free(stage->cache);
	free(stage->run);
	free(stage->data);
}

int stage_leftovers(const struct stage *stage)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(stage->run);
	int count = -2; /* . and .. */

	while (dir && readdir(dir))
		count++;
	return count;
}

int stage_process(const struct stage *stage)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		CLEANUP(cleanup_free) char *path = file_path("/proc/%s/cmdline", entry->d_name);
		CLEANUP(cleanup_free) char *text = NULL;
		size_t length;

		if (atoi(entry->d_name) > 0 &&
				!file_read(AT_FDCWD, path, 1u << 20, &text, &length, NULL) &&
				memmem(text, length, stage->run, strlen(stage->run)))
			return atoi(entry->d_name);
	}
	return 0;
}

static bool is_clean(void *argument)
{
	return !stage_leftovers(argument) && !stage_process(argument);
}

int stage_is_clean(const struct stage *stage)
{
	return clock_poll(is_clean, (void *)stage, deadline_in(CLEAN_TIME_MS), 20);
}

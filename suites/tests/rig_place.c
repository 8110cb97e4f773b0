/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rig_place.h"

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
#include "base/text.h"
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

static void keep_report(void *argument, const char *what)
{
	struct rig_place *place = argument;
	size_t used = strlen(place->reports);

	snprintf(place->reports + used, sizeof(place->reports) - used, "%s\n", what);
}

/* Fills a data folder whose vmimages/build prints the folders of the image at hand. */
static int fill_data(struct rig_place *place, const char *source, struct err *err)
{
	CLEANUP(cleanup_free) char *images = text_format("%s/vmimages", place->data);
	CLEANUP(cleanup_free) char *build = text_format("%s/build", images);
	CLEANUP(cleanup_free) char *pack = text_format("%s/tools-disk", images);
	CLEANUP(cleanup_free) char *state = text_format("%s/state-disk", images);
	CLEANUP(cleanup_free) char *fixtures = text_format("%s/fixtures", place->data);
	CLEANUP(cleanup_free)
	char *script = text_format(
			"#!/bin/sh\necho '%s'\necho '%s'\n", place->image, place->kernel);
	CLEANUP(cleanup_free) char *real_pack = text_format("%s/vmimages/tools-disk", source);
	CLEANUP(cleanup_free) char *real_state = text_format("%s/vmimages/state-disk", source);
	CLEANUP(cleanup_free) char *real_fixtures = text_format("%s/fixtures", source);
	int rc = file_make_dirs(images, 0700, err);

	if (!rc)
		rc = file_write_atomic(AT_FDCWD, build, script, strlen(script), err);
	if (rc < 0)
		return rc;
	if (chmod(build, 0700) < 0 || symlink(real_pack, pack) < 0 ||
			symlink(real_state, state) < 0 || symlink(real_fixtures, fixtures) < 0)
		return err_sys(err, "cannot set up %s", place->data);
	return 0;
}

int rig_place_init(struct rig_place *place, const char *source, const char *tools, struct err *err)
{
	int rc;

	*place = (struct rig_place){ .path = "/tmp/vfcert-stage-XXXXXX" };
	if (!mkdtemp(place->path))
		return err_sys(err, "cannot create a place");
	place->image = output_of("\"$1\"/vmimages/build 2>/dev/null | head -n 1", source, err);
	place->kernel = output_of("\"$1\"/vmimages/build 2>/dev/null | tail -n 1", source, err);
	place->qemu = output_of("command -v qemu-system-x86_64", "", err);
	if (!place->image || !place->kernel || !place->qemu)
		return -err->code;
	place->cache = text_format("%s/cache", place->path);
	place->run = text_format("%s/run", place->path);
	place->data = text_format("%s/data", place->path);
	rc = fill_data(place, source, err);
	if (!rc)
		rc = file_make_dirs(place->run, 0700, err);
	if (!rc)
		rc = file_make_dirs(place->cache, 0700, err);
	place->options = (struct rig_options){
		.kind = rig_kind_find("emulated"),
		.data_dir = place->data,
		.tools_dir = tools,
		.cache_dir = place->cache,
		.run_dir = place->run,
		.qemu = place->qemu,
		.progress = keep_report,
		.progress_argument = place,
	};
	return rc;
}

void rig_place_free(struct rig_place *place)
{
	file_remove_tree(place->path, NULL);
	free(place->image);
	free(place->kernel);
	free(place->qemu);
	free(place->cache);
	free(place->run);
	free(place->data);
}

int rig_place_leftovers(const struct rig_place *place)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(place->run);
	int count = -2; /* . and .. */

	while (dir && readdir(dir))
		count++;
	return count;
}

int rig_place_process(const struct rig_place *place)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		CLEANUP(cleanup_free) char *path = text_format("/proc/%s/cmdline", entry->d_name);
		CLEANUP(cleanup_free) char *text = NULL;
		size_t length;

		if (atoi(entry->d_name) > 0 &&
				!file_read(AT_FDCWD, path, 1u << 20, &text, &length, NULL) &&
				memmem(text, length, place->run, strlen(place->run)))
			return atoi(entry->d_name);
	}
	return 0;
}

static bool is_clean(void *argument)
{
	return !rig_place_leftovers(argument) && !rig_place_process(argument);
}

int rig_place_is_clean(const struct rig_place *place)
{
	return clock_poll(is_clean, (void *)place, deadline_in(CLEAN_TIME_MS), 20);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/image.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "rig/interrupt.h"
#include "rig/lines.h"

/*
 * Images are built by the scripts in vmimages/. A build takes minutes and may wait for another
 * one; it ends by itself, or by a signal to this program.
 */

#define LINE_LIMIT    65536
#define BUILD_TIME_MS (60 * 60 * 1000)
#define PACK_TIME_MS  60000
#define GRACE_MS      10000 /* for the build to remove what it has begun */

void rig_progress(const struct rig_options *options, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list args;

	if (!options->progress)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	options->progress(options->progress_argument, text);
}

/* A running build, and what it has said. */
struct build {
	struct process process;
	struct lines out, said;
	char *folder, *last_said;
};

static void build_free(struct build *build)
{
	process_end(&build->process, GRACE_MS);
	cleanup_fd(&build->out.fd);
	cleanup_fd(&build->said.fd);
	lines_free(&build->out);
	lines_free(&build->said);
	free(build->folder);
	free(build->last_said);
}

static int build_start(struct build *build, const struct rig_options *options, const char *flavour,
		struct err *err)
{
	CLEANUP(cleanup_free) char *script = file_path("%s/vmimages/build", options->data_dir);
	const char *const argv[] = { script, "--cache", options->cache_dir,
		flavour ? "--flavour" : NULL, flavour, NULL };
	int out[2], said[2], rc;

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_sys(err, "cannot start %s", script);
	if (pipe2(said, O_CLOEXEC) < 0) {
		rc = err_sys(err, "cannot start %s", script);
		close(out[0]);
		close(out[1]);
		return rc;
	}
	rc = process_start(argv, (struct process_streams){ -1, out[1], said[1] }, &build->process,
			err);
	close(out[1]);
	close(said[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(said[0], F_SETFL, O_NONBLOCK);
	build->out = LINES_OF(out[0], LINE_LIMIT);
	build->said = LINES_OF(said[0], LINE_LIMIT);
	return rc;
}

/* Takes the lines that are there. Returns false at the end of the stream. */
static bool hear(struct lines *lines, char **last, const struct rig_options *options)
{
	size_t length;
	char *line;
	int rc;

	while (!(rc = lines_next(lines, deadline_in(0), &line, &length, NULL))) {
		free(*last);
		*last = file_path("%s", line);
		if (options)
			rig_progress(options, "%s", line);
	}
	return rc == -ETIMEDOUT;
}

/* The script holds both streams open until its end. */
static int build_wait(struct build *build, const struct rig_options *options, struct err *err)
{
	struct deadline deadline = deadline_in(BUILD_TIME_MS);
	bool out_open = true, said_open = true;
	char how[64];
	int rc, status;

	while (out_open || said_open) {
		struct pollfd polled[2] = {
			{ .fd = out_open ? build->out.fd : -1, .events = POLLIN },
			{ .fd = said_open ? build->said.fd : -1, .events = POLLIN },
		};

		rc = interrupt_poll(polled, 2, deadline, err);
		if (rc == -ETIMEDOUT)
			return err_set(err, ETIMEDOUT, "vmimages/build did not end in an hour");
		if (rc < 0)
			return rc;
		if (out_open && polled[0].revents)
			out_open = hear(&build->out, &build->folder, NULL);
		if (said_open && polled[1].revents)
			said_open = hear(&build->said, &build->last_said, options);
	}
	rc = process_wait(&build->process, deadline_in(GRACE_MS), &status);
	if (rc == -ETIMEDOUT)
		return err_set(err, ETIMEDOUT, "vmimages/build does not end");
	if (rc < 0 || status)
		return err_set(err, EPROTO, "cannot build the image: %s: %s",
				process_status(status, how),
				build->last_said ? build->last_said : "it said nothing");
	return 0;
}

int image_find(const struct rig_options *options, const char *flavour, char **folder,
		struct err *err)
{
	CLEANUP(build_free)
	struct build build = { .process = PROCESS_NONE, .out.fd = -1, .said.fd = -1 };
	int rc = file_make_dirs(options->cache_dir, 0755, err);

	if (!rc)
		rc = build_start(&build, options, flavour, err);
	if (!rc)
		rc = build_wait(&build, options, err);
	if (rc < 0)
		return rc;
	if (!build.folder || build.folder[0] != '/')
		return err_set(err, EPROTO, "vmimages/build named no folder of an image");
	*folder = TAKE(build.folder);
	return 0;
}

int image_pack_tools(const struct rig_options *options, const char *out, struct err *err)
{
	CLEANUP(cleanup_free) char *script = file_path("%s/vmimages/tools-disk", options->data_dir);
	const char *const argv[] = { script, options->tools_dir, out, NULL };
	int rc = process_run(argv, deadline_in(PACK_TIME_MS), NULL, err);

	err_prefix(err, "cannot pack the programs under test: ");
	return rc;
}

int image_make_state(const char *data_dir, const char *out, struct err *err)
{
	CLEANUP(cleanup_free) char *script = file_path("%s/vmimages/state-disk", data_dir);
	const char *const argv[] = { script, out, NULL };
	int rc = process_run(argv, deadline_in(PACK_TIME_MS), NULL, err);

	err_prefix(err, "cannot make the state disk: ");
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig/image.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/process.h"
#include "base/signals.h"
#include "base/text.h"

/*
 * The scripts in vmimages/ build the images. A build takes minutes and may wait for another one. A
 * signal to this program ends it.
 */

#define LINE_LIMIT     65536
#define BUILD_TIME_MS  (60 * 60 * 1000)
#define PACK_TIME_MS   60000
#define MANIFEST_LIMIT 65536
#define GRACE_MS       10000 /* for an interrupted build to clean up */

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

struct build {
	struct process process;
	struct lines out, messages;
	char *folders[IMAGE_PARTS], *last_message;
	size_t folder_count;
};

#define BUILD_NONE   ((struct build){ .process = PROCESS_NONE, .out.fd = -1, .messages.fd = -1 })
#define OWN_KERNEL   "own-kernel-"
#define EXIT_REFUSED 2 /* of the script: there is no such kernel or QEMU */

static void build_free(struct build *build)
{
	process_end(&build->process, GRACE_MS);
	cleanup_fd(&build->out.fd);
	cleanup_fd(&build->messages.fd);
	lines_free(&build->out);
	lines_free(&build->messages);
	for (size_t i = 0; i < IMAGE_PARTS; i++)
		free(build->folders[i]);
	free(build->last_message);
}

static int build_start(struct build *build, const char *const argv[], struct err *err)
{
	const char *script = argv[0];
	int out[2], message[2], rc;

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_sys(err, "cannot start %s", script);
	if (pipe2(message, O_CLOEXEC) < 0) {
		rc = err_sys(err, "cannot start %s", script);
		close(out[0]);
		close(out[1]);
		return rc;
	}
	rc = process_start(argv, (struct process_streams){ -1, out[1], message[1] },
			&build->process, err);
	close(out[1]);
	close(message[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(message[0], F_SETFL, O_NONBLOCK);
	build->out = LINES_OF(out[0], LINE_LIMIT);
	build->messages = LINES_OF(message[0], LINE_LIMIT);
	return rc;
}

/* Read the lines that are available. Return false at the end of the stream. */
static bool read_folders(struct build *build)
{
	size_t length;
	char *line;
	int rc;

	while (!(rc = lines_next(&build->out, deadline_in(0), &line, &length, NULL))) {
		if (build->folder_count < IMAGE_PARTS)
			build->folders[build->folder_count++] = text_format("%s", line);
	}
	return rc == -ETIMEDOUT;
}

static bool read_progress(struct build *build, const struct rig_options *options)
{
	size_t length;
	char *line;
	int rc;

	while (!(rc = lines_next(&build->messages, deadline_in(0), &line, &length, NULL))) {
		free(build->last_message);
		build->last_message = text_format("%s", line);
		rig_progress(options, "%s", line);
	}
	return rc == -ETIMEDOUT;
}

static int judge(const struct build *build, int rc, int status, struct err *err)
{
	static const char prefix[] = "vmimages: ";
	const char *message = build->last_message ? build->last_message : "it printed no message";
	char how[64];

	if (!strncmp(message, prefix, strlen(prefix)))
		message += strlen(prefix);
	if (rc == -ETIMEDOUT)
		return err_set(err, ETIMEDOUT, "vmimages/build does not exit");
	if (!rc && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_REFUSED)
		return err_set(err, EINVAL, "%s", message);
	if (rc < 0 || status)
		return err_set(err, EPROTO, "cannot build the image: %s: %s",
				process_status(status, how), message);
	return 0;
}

/* The script keeps both streams open until it exits. */
static int build_wait(struct build *build, const struct rig_options *options, struct err *err)
{
	struct deadline deadline = deadline_in(BUILD_TIME_MS);
	bool out_open = true, messages_open = true;
	int rc, status = 0;

	while (out_open || messages_open) {
		struct pollfd polled[2] = {
			{ .fd = out_open ? build->out.fd : -1, .events = POLLIN },
			{ .fd = messages_open ? build->messages.fd : -1, .events = POLLIN },
		};

		rc = signals_poll(polled, 2, deadline, err);
		if (rc == -ETIMEDOUT)
			return err_set(err, ETIMEDOUT, "vmimages/build did not end in an hour");
		if (rc < 0)
			return rc;
		if (out_open && polled[0].revents)
			out_open = read_folders(build);
		if (messages_open && polled[1].revents)
			messages_open = read_progress(build, options);
	}
	rc = process_wait(&build->process, deadline_in(GRACE_MS), &status);
	return judge(build, rc, status, err);
}

/* Runs the script with the rig's options; CHECK: it builds nothing. */
static int build_run(struct build *build, const struct rig_options *options,
		const struct image_wanted *wanted, bool check, struct err *err)
{
	CLEANUP(cleanup_free) char *script = text_format("%s/vmimages/build", options->data_dir);
	CLEANUP(cleanup_free) char *vfguest = text_format("%s/vfguest", options->tools_dir);
	const char *argv[20] = { script, "--cache", options->cache_dir };
	size_t count = 3;
	const struct {
		const char *flag, *value;
	} flags[] = { { "--kernel", rig_option(options, "kernel") },
		{ "--modules", rig_option(options, "modules") }, { "--qemu", wanted->qemu },
		{ "--libvirt", rig_option(options, "libvirt") }, { "--flavour", wanted->flavour },
		{ "--guests", wanted->guests ? vfguest : NULL } };
	int rc = file_make_dirs(options->cache_dir, 0755, err);

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (!flags[i].value)
			continue;
		argv[count++] = flags[i].flag;
		argv[count++] = flags[i].value;
	}
	if (check)
		argv[count++] = "--check";
	if (!rc)
		rc = build_start(build, argv, err);
	return rc ? rc : build_wait(build, options, err);
}

int image_check(const struct rig_options *options, const char *qemu, struct err *err)
{
	CLEANUP(build_free) struct build build = BUILD_NONE;
	const struct image_wanted wanted = { .qemu = qemu };

	return build_run(&build, options, &wanted, true, err);
}

int image_find(const struct rig_options *options, const struct image_wanted *wanted,
		struct image *image, struct err *err)
{
	CLEANUP(build_free) struct build build = BUILD_NONE;
	int rc = build_run(&build, options, wanted, false, err);
	size_t count = 2;

	if (rc < 0)
		return rc;
	if (build.folder_count != count + (wanted->qemu != NULL) + wanted->guests ||
			build.folders[0][0] != '/')
		return err_set(err, EPROTO, "vmimages/build named no folders of an image");
	*image = (struct image){ TAKE(build.folders[0]), TAKE(build.folders[1]), NULL, NULL };
	if (wanted->qemu)
		image->qemu = TAKE(build.folders[count++]);
	if (wanted->guests)
		image->guests = TAKE(build.folders[count]);
	return 0;
}

void image_free(struct image *image)
{
	free(image->root);
	free(image->kernel);
	free(image->qemu);
	free(image->guests);
	*image = (struct image){ .root = NULL };
}

bool image_is_own(const char *kernel)
{
	return strstr(kernel, "/" OWN_KERNEL) != NULL;
}

char *image_manifest(const char *part, const char *key)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/manifest", part);
	CLEANUP(cleanup_free) char *text = NULL;
	char *rest, *line;
	size_t length = strlen(key);

	if (file_read(AT_FDCWD, path, MANIFEST_LIMIT, &text, NULL, NULL) < 0)
		return NULL;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (!strncmp(line, key, length) && line[length] == '=')
			return text_format("%s", line + length + 1);
	}
	return NULL;
}

int image_pack_tools(const struct rig_options *options, const char *out, struct err *err)
{
	CLEANUP(cleanup_free)
	char *script = text_format("%s/vmimages/tools-disk", options->data_dir);
	const char *const argv[] = { script, options->tools_dir, out, NULL };
	int rc = process_run(argv, deadline_in(PACK_TIME_MS), NULL, err);

	err_prefix(err, "cannot pack the programs under test: ");
	return rc;
}

int image_make_state(const char *data_dir, const char *out, struct err *err)
{
	CLEANUP(cleanup_free) char *script = text_format("%s/vmimages/state-disk", data_dir);
	const char *const argv[] = { script, out, NULL };
	int rc = process_run(argv, deadline_in(PACK_TIME_MS), NULL, err);

	err_prefix(err, "cannot make the state disk: ");
	return rc;
}

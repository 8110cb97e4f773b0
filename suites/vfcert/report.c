/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "run/output.h"
#include "vfcert/call.h"
#include "vfcert/setup.h"

/* vfcert report: the results of an earlier run, perhaps from another host, in another format. */

#define ORIGIN "vfcert"

/* The formats that the user asked for, and what they print. */
struct report {
	const struct format **formats;
	size_t count;
	struct format_options options;
	struct results_reader *reader;
};

/* NAMES are separated by commas. Returns false if one is unknown. */
static bool find_formats(const char *names, struct report *report)
{
	for (;; names++) {
		size_t length = strcspn(names, ",");
		const struct format *format = format_find(names, length);

		if (!format)
			return false;
		report->formats = reallocarray(
				report->formats, report->count + 1, sizeof(*report->formats));
		if (!report->formats)
			abort();
		report->formats[report->count++] = format;
		names += length;
		if (!*names)
			return true;
	}
}

/* The names of all formats; the caller frees the text. */
static char *list_formats(void)
{
	char *list = text_format("%s", formats[0].name);

	for (size_t i = 1; formats[i].name; i++) {
		CLEANUP(cleanup_free) char *former = TAKE(list);

		list = text_format("%s%s%s", former, formats[i + 1].name ? ", " : " and ",
				formats[i].name);
	}
	return list;
}

static const char *format_word(size_t index, const char **help)
{
	*help = formats[index].help;
	return formats[index].name;
}

/* Writes all formats to a folder, reading the results once. */
static int write_all(const struct report *report, const char *folder, struct err *err)
{
	int rc = file_make_dirs(folder, 0777, err);

	for (size_t i = 0; !rc && i < report->count; i++) {
		const struct format *format = report->formats[i];
		CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, format->file);

		rc = output_write_format(path, format, &report->options, report->reader, err);
	}
	return rc;
}

static int print(const struct report *report, struct err *err)
{
	int rc = report->formats[0]->print(report->reader, &report->options, stdout);

	if (rc < 0 && !reader_error(report->reader, err))
		err_set(err, -rc, "cannot write the report: %s", strerror(-rc));
	return rc;
}

static int deliver(const struct report *report, const char *output, struct err *err)
{
	if (report->count > 1)
		return write_all(report, output, err);
	if (output)
		return output_write_format(
				output, report->formats[0], &report->options, report->reader, err);
	return print(report, err);
}

static int report_results(struct verb_call *call, struct report *report)
{
	CLEANUP(cleanup_free) char *profiles = data_path("suites/profiles");
	CLEANUP(cleanup_cert_profile) struct certification_profile *profile = NULL;
	struct err err = { 0 };
	int rc = cert_profile_load(profiles, call_value(call, "profile"), &profile, &err);

	report->options.profile = profile;
	if (!rc)
		rc = output_open(call->args[0], &report->reader, &err);
	if (rc == -ENOENT)
		return call_misused(call, "%s: there are no results", call->args[0]);
	if (!rc)
		rc = deliver(report, call_value(call, "output"), &err);
	return rc < 0 ? call_failed(call, &err) : EXIT_GOOD;
}

static void cleanup_report(struct report *report)
{
	free(report->formats);
	reader_free(report->reader);
}

static int report_verb(struct verb_call *call)
{
	const char *names = call_value(call, "format"), *output = call_value(call, "output");
	const char *origin = call_value(call, "origin");
	CLEANUP(cleanup_report)
	struct report report = { .options = { .origin = origin ? origin : ORIGIN,
						 .colour = !output &&
								 call_colour(STDOUT_FILENO) } };

	if (!find_formats(names ? names : formats[0].name, &report)) {
		CLEANUP(cleanup_free) char *list = list_formats();

		return call_misused(call, "no format '%s': there are %s", names, list);
	}
	if (report.count > 1 && !output)
		return call_misused(call, "several formats need a folder: -o FOLDER");
	origin = report.options.origin;
	if (!*origin || origin[strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789_")])
		return call_misused(call, "--origin '%s': only a-z, 0-9 and _ are allowed", origin);
	return report_results(call, &report);
}

static const struct flag report_flags[] = {
	{ "format", 'f', "FORMAT", "One of these, or several with commas", format_word },
	{ "profile", 'p', "NAME", "html: the profile whose capabilities are shown (default)" },
	{ "origin", 0, "NAME", "KCIDB: what the database calls this CI system (" ORIGIN ")" },
	{ "output", 'o', "FILE",
			"Write to this file instead of standard output, or several to this folder" },
	{ 0 },
};

const struct verb report_verbs[] = {
	{ .name = "report",
			.args = "DIR",
			.summary = "Print the results of an earlier run in another format",
			.details = "DIR is the folder of a run, or its results.json. The file is "
				   "validated: it may come from elsewhere, and be of any size.\n\n"
				   "-o replaces a file in one step, as the text file collector of "
				   "Prometheus needs it.",
			.flags = report_flags,
			.run = report_verb },
	{ 0 },
};

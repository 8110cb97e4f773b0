/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "reports/formats/formats.h"
#include "run/output.h"
#include "vfcert/call.h"
#include "vfcert/setup.h"

/* vfcert report: results of a former run, perhaps of another host, in another form. */

#define ORIGIN "vfcert"

/* What the formats want besides the results. */
static const char *origin = ORIGIN;
static struct certification_profile *profile;

static int print_html(struct results_reader *reader, FILE *out)
{
	return format_html(reader, profile, out);
}

static int print_terminal(struct results_reader *reader, FILE *out)
{
	return format_terminal(reader, out == stdout && call_colour(STDOUT_FILENO), out);
}

static int print_kcidb(struct results_reader *reader, FILE *out)
{
	return format_kcidb(reader, origin, out);
}

static const struct form {
	const char *name, *file; /* what it is called in a folder of several */
	int (*print)(struct results_reader *reader, FILE *out);
} forms[] = {
	{ "terminal", "summary.txt", print_terminal },
	{ "html", "report.html", print_html },
	{ "json", "results.json", format_json },
	{ "junit", "junit.xml", format_junit },
	{ "kcidb", "kcidb.json", print_kcidb },
	{ "ktap", "results.ktap", format_ktap },
	{ "md", "summary.md", format_markdown },
	{ "prom", "metrics.prom", format_prometheus },
};
#define FORMS (sizeof(forms) / sizeof(*forms))

static const struct form *find_form(const char *name, size_t length)
{
	for (size_t i = 0; i < FORMS; i++) {
		if (strlen(forms[i].name) == length && !strncmp(forms[i].name, name, length))
			return &forms[i];
	}
	return NULL;
}

/* NAMES are separated by commas. Gives their number, 0 where one is unknown. */
static size_t find_forms(const char *names, const struct form *found[FORMS])
{
	size_t count = 0;

	for (;;) {
		size_t length = strcspn(names, ",");
		const struct form *form = find_form(names, length);

		if (!form || count == FORMS)
			return 0;
		found[count++] = form;
		if (!names[length])
			return count;
		names += length + 1;
	}
}

/* PATH is a folder of results or the file itself. */
static int load(const char *path, struct results_reader **reader, struct err *err)
{
	CLEANUP(cleanup_free) char *inside = file_path("%s/" OUTPUT_RESULTS, path);
	struct stat st;
	int rc = reader_open(
			stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? inside : path, reader, err);

	if (rc == -EINVAL)
		err_prefix(err, "%s: ", path);
	return rc;
}

/* From one reading of the results into a folder. */
static int write_forms(struct results_reader *reader, const struct form *const wanted[],
		size_t count, const char *folder, struct err *err)
{
	int rc = file_make_dirs(folder, 0777, err);

	for (size_t i = 0; !rc && i < count; i++) {
		CLEANUP(cleanup_free) char *path = file_path("%s/%s", folder, wanted[i]->file);

		rc = output_write_format(path, wanted[i]->print, reader, err);
	}
	return rc;
}

static int print_form(struct results_reader *reader, const struct form *form, struct err *err)
{
	int rc = form->print(reader, stdout);

	if (rc < 0 && !reader_error(reader, err))
		err_set(err, -rc, "cannot write the report: %s", strerror(-rc));
	return rc;
}

static int report(struct verb_call *call)
{
	const char *names = call_value(call, "format"), *output = call_value(call, "output");
	CLEANUP(cleanup_free) char *profiles = data_path("suites/profiles");
	CLEANUP(cleanup_reader) struct results_reader *reader = NULL;
	const struct form *wanted[FORMS];
	size_t count = find_forms(names ? names : "terminal", wanted);
	struct err err = { 0 };
	int rc;

	if (!count)
		return call_misused(call,
				"no format '%s': there are terminal, html, json, junit, kcidb, "
				"ktap, md and prom",
				names);
	if (count > 1 && !output)
		return call_misused(call, "several formats want a folder: -o FOLDER");
	if (call_value(call, "origin"))
		origin = call_value(call, "origin");
	if (!*origin || origin[strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789_")])
		return call_misused(call, "--origin '%s': only a-z, 0-9 and _ are allowed", origin);
	rc = cert_profile_load(profiles, call_value(call, "profile"), &profile, &err);
	if (!rc)
		rc = load(call->args[0], &reader, &err);
	if (rc == -ENOENT)
		return call_misused(call, "%s: there are no results", call->args[0]);
	if (!rc && count > 1)
		rc = write_forms(reader, wanted, count, output, &err);
	else if (!rc && output)
		rc = output_write_format(output, wanted[0]->print, reader, &err);
	else if (!rc)
		rc = print_form(reader, wanted[0], &err);
	cert_profile_free(TAKE(profile));
	return rc < 0 ? call_failed(call, &err) : EXIT_GOOD;
}

static const struct flag report_flags[] = {
	{ "format", 'f', "FORMAT",
			"terminal (default), html, json, junit, kcidb, ktap, md, prom; or "
			"several with commas" },
	{ "profile", 'p', "NAME", "html: the profile whose capabilities are shown (default)" },
	{ "origin", 0, "NAME", "KCIDB: what the database calls this CI system (" ORIGIN ")" },
	{ "output", 'o', "FILE",
			"Write to this file instead of standard output, or several to this folder" },
	{ 0 },
};

const struct verb report_verbs[] = {
	{ .name = "report",
			.args = "DIR",
			.summary = "Print the results of a former run in another form",
			.details = "DIR is the folder of a run, or its results.json. The file is "
				   "validated: it may come from elsewhere, and be of any size.\n\n"
				   "html is one page that needs nothing but itself; junit is for "
				   "GitLab, Jenkins and GitHub; ktap for the kernel's tools; kcidb "
				   "version 5.3 for KernelCI's database; md a step summary of at "
				   "most 1 MiB; prom for the text file collector of Prometheus, "
				   "where -o replaces the file in one step.",
			.flags = report_flags,
			.run = report },
	{ 0 },
};

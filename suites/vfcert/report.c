/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "reports/formats.h"
#include "reports/results.h"
#include "vfcert/call.h"
#include "vfcert/output.h"
#include "vfcert/vfcert.h"

/* vfcert report: results of a former run, perhaps of another host, in another form. */

static int print_terminal(const struct record *results, FILE *out)
{
	return format_terminal(results, out == stdout && call_colour(STDOUT_FILENO), out);
}

static const struct form {
	const char *name;
	int (*print)(const struct record *results, FILE *out);
} forms[] = { { "terminal", print_terminal }, { "html", format_html }, { "junit", format_junit },
	{ "md", format_markdown } };

static const struct form *find_form(const char *name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (!strcmp(forms[i].name, name))
			return &forms[i];
	}
	return NULL;
}

/* PATH is a folder of results or the file itself. */
static int load(const char *path, struct record **results, struct err *err)
{
	CLEANUP(cleanup_free) char *inside = file_path("%s/" OUTPUT_RESULTS, path);
	struct stat st;
	int rc = record_load(AT_FDCWD, stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? inside : path,
			results, err);

	if (!rc)
		rc = results_validate(*results, err);
	if (rc == -EINVAL)
		err_prefix(err, "%s: ", path);
	return rc;
}

static int report(struct verb_call *call)
{
	const char *name = call_value(call, "format"), *file = call_value(call, "output");
	const struct form *form = find_form(name ? name : "terminal");
	CLEANUP(cleanup_record) struct record *results = NULL;
	struct err err = { 0 };
	int rc;

	if (!form)
		return call_misused(call, "no format '%s': there are terminal, html, junit and md",
				name);
	rc = load(call->args[0], &results, &err);
	if (rc == -ENOENT)
		return call_misused(call, "%s: there are no results", call->args[0]);
	if (!rc && file)
		rc = output_write_printed(NULL, file, form->print, results, &err);
	else if (!rc)
		rc = form->print(results, stdout);
	if (rc < 0 && !err.code)
		err_set(&err, -rc, "cannot write the report: %s", strerror(-rc));
	return rc < 0 ? call_failed(call, &err) : EXIT_GOOD;
}

static const struct flag report_flags[] = {
	{ "format", 'f', "FORMAT", "terminal (default), html, junit, or md" },
	{ "output", 'o', "FILE", "Write to this file instead of standard output" },
	{ 0 },
};

const struct verb report_verbs[] = {
	{ .name = "report",
			.args = "DIR",
			.summary = "Print the results of a former run in another form",
			.details = "DIR is the folder of a run, or its results.json. The file is "
				   "validated: it may come from elsewhere.",
			.flags = report_flags,
			.run = report },
	{ 0 },
};

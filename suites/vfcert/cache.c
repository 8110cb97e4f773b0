/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/process.h"
#include "base/table.h"
#include "vfcert/setup.h"

/* The parts of emulated machines that exist, and those in the cache, as vmimages/build lists them. */

#define ASK_TIME_MS  120000 /* may include fetching the lists of the mirror */
#define DAYS_DEFAULT "30"
#define DAYS_LIMIT   36500

struct column {
	const char *heading, *member;
	bool number;
};

/* Prints lines with a word for each column as a table or as JSON. */
static int print_lines(const struct verb_call *call, const struct column *columns, size_t count,
		char *lines)
{
	const char *headings[4] = { NULL };
	CLEANUP(cleanup_record) struct record *list = record_array();
	CLEANUP(cleanup_table) struct table *table = NULL;
	char *line, *word;

	for (size_t i = 0; i < count; i++)
		headings[i] = columns[i].heading;
	table = table_new(count, headings);
	while ((line = strsep(&lines, "\n"))) {
		struct record *item = *line ? record_object() : NULL;

		for (size_t i = 0; item && i < count; i++) {
			word = strsep(&line, " ");
			table_cell(table, "%s", word ? word : "");
			if (columns[i].number)
				record_put_int(item, columns[i].member, word ? atol(word) : 0);
			else
				record_put_str(item, columns[i].member, word);
		}
		if (item)
			record_add(list, item);
	}
	if (call_has(call, "json")) {
		CLEANUP(cleanup_free) char *text = record_print_pretty(list);

		return puts(text) < 0 ? EXIT_UNUSABLE : EXIT_GOOD;
	}
	table_print(table, stdout);
	return fflush(stdout) ? EXIT_UNUSABLE : EXIT_GOOD;
}

static int ask(const struct verb_call *call, const char *flag, const char *value, char **answer,
		struct err *err)
{
	CLEANUP(cleanup_setup) struct rig_setup setup = { .tools_dir = NULL };
	CLEANUP(cleanup_free) char *script = data_path("vmimages/build");
	int rc = setup_from_call(call, &setup, err);

	return rc < 0 ? rc
		      : process_run((const char *const[]){ script, "--cache", setup.cache_dir, flag,
						    value, NULL },
					deadline_in(ASK_TIME_MS), answer, err);
}

/* Reads lines such as "6.12.117+deb13-amd64 cached". */
static int list_versions(const struct verb_call *call, const char *kind)
{
	static const struct column columns[] = { { "VERSION", "version", false },
		{ "WHERE", "where", false } };
	CLEANUP(cleanup_free) char *answer = NULL;
	struct err err = { 0 };

	if (ask(call, "--list", kind, &answer, &err) < 0)
		return call_failed(call, &err);
	if (!strstr(answer, " available"))
		fprintf(stderr, "%s: the mirror does not answer: only the cache is listed\n",
				call->program->name);
	return print_lines(call, columns, 2, answer);
}

static int list_kernels(struct verb_call *call)
{
	return list_versions(call, "kernels");
}

static int list_qemus(struct verb_call *call)
{
	return list_versions(call, "qemus");
}

static int list_libvirts(struct verb_call *call)
{
	return list_versions(call, "libvirts");
}

static int cache_list(struct verb_call *call)
{
	static const struct column columns[] = { { "PART", "part", false }, { "MiB", "mib", true },
		{ "DAYS UNUSED", "days_unused", true } };
	CLEANUP(cleanup_free) char *answer = NULL;
	struct err err = { 0 };

	if (ask(call, "--list", "cache", &answer, &err) < 0)
		return call_failed(call, &err);
	return print_lines(call, columns, 3, answer);
}

static int cache_prune(struct verb_call *call)
{
	static const struct column columns[] = { { "REMOVED", "removed", false } };
	const char *days = call_value(call, "days");
	CLEANUP(cleanup_free) char *answer = NULL;
	struct err err = { 0 };
	char text[24];
	uint64_t number;

	if (number_parse(days ? days : DAYS_DEFAULT, 0, DAYS_LIMIT, &number) < 0)
		return call_misused(call, "--days '%s': must be a number of days", days);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	if (ask(call, "--prune", text, &answer, &err) < 0)
		return call_failed(call, &err);
	return print_lines(call, columns, 1, answer);
}

static const struct flag list_flags[] = {
	{ "json", 0, NULL, "Print JSON" },
	{ 0 },
};

static const struct flag prune_flags[] = {
	{ "days", 0, "N", "Remove what has not been used for N days (" DAYS_DEFAULT "); 0: all" },
	{ "json", 0, NULL, "Print JSON" },
	{ 0 },
};

const struct verb cache_verbs[] = {
	{ .name = "list kernels",
			.args = "",
			.summary = "List the kernels for --kernel, in the cache and on the mirror",
			.flags = list_flags,
			.run = list_kernels },
	{ .name = "list qemus",
			.args = "",
			.summary = "List the QEMUs for --qemu, in the cache and on the mirror",
			.details = "The QEMU of this machine is not listed; it is preferred where its "
				   "version fits.",
			.flags = list_flags,
			.run = list_qemus },
	{ .name = "list libvirts",
			.args = "",
			.summary = "List the libvirts for --libvirt, in the cache and on the mirror",
			.details = "Each is that of a Debian release, with which the whole machine comes.",
			.flags = list_flags,
			.run = list_libvirts },
	{ .name = "cache list",
			.args = "",
			.summary = "List images, kernels, QEMUs and snapshots in the cache",
			.flags = list_flags,
			.run = cache_list },
	{ .name = "cache prune",
			.args = "",
			.summary = "Remove from the cache what has not been used for long",
			.details = "vfcert builds again what it needs again.",
			.flags = prune_flags,
			.run = cache_prune },
	{ 0 },
};

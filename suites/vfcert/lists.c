/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vfcert/lists.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/table.h"
#include "base/text.h"
#include "data/ini.h"
#include "data/ini_folder.h"
#include "proof/defect.h"
#include "reports/results/certification_profile.h"
#include "reports/results/quirks.h"
#include "run/select.h"
#include "vfcert/setup.h"

/* vfcert list: what can be run, and on what. */

#define LIST_TIME_MS 10000

int vfsuite_list(const char *tools_dir, struct record **listing, struct err *err)
{
	CLEANUP(cleanup_free) char *program = text_format("%s/vfsuite", tools_dir);
	CLEANUP(cleanup_free) char *output = NULL;
	CLEANUP(cleanup_record) struct record *answer = NULL;
	int rc = process_run((const char *const[]){ program, "--list", NULL },
			deadline_in(LIST_TIME_MS), &output, err);

	if (!rc)
		rc = record_parse(program, output, strlen(output), &answer, err);
	if (!rc)
		rc = select_validate(record_get(answer, "checks"), err);
	if (!rc)
		*listing = TAKE(answer);
	return rc;
}

/* Prints members of the objects in the array LIST, or all of LIST as JSON. */
static int print_list(const struct verb_call *call, const struct record *list, size_t columns,
		const char *const headings[], const char *const members[])
{
	CLEANUP(cleanup_table) struct table *table = table_new(columns, headings);

	if (call_has(call, "json")) {
		CLEANUP(cleanup_free) char *text = record_print_pretty(list);

		puts(text);
		return EXIT_GOOD;
	}
	for (size_t i = 0; i < record_length(list); i++) {
		for (size_t k = 0; k < columns; k++)
			table_cell(table, "%s", record_str(record_at(list, i), members[k], ""));
	}
	table_print(table, stdout);
	return EXIT_GOOD;
}

static int print_asked(const struct verb_call *call, const char *what, size_t columns,
		const char *const headings[], const char *const members[])
{
	CLEANUP(cleanup_free) char *tools = tools_dir(call);
	CLEANUP(cleanup_record) struct record *listing = NULL;
	struct err err = { 0 };
	int rc = vfsuite_list(tools, &listing, &err);

	if (rc < 0)
		return call_failed(call, &err);
	return print_list(call, record_get(listing, what), columns, headings, members);
}

/* Returns an object whose members are the ids that any defect expects to fail. */
static int ask_expected(struct record **expected, struct err *err)
{
	CLEANUP(cleanup_free) char *folder = data_path("fixtures/defects");
	CLEANUP(cleanup_defects) struct defects defects = { 0 };
	int rc = defects_load(folder, NULL, 0, &defects, err);

	if (rc < 0)
		return rc;
	*expected = record_object();
	for (size_t i = 0; i < defects.count; i++) {
		const struct record *expect = defects.list[i]->expect;

		for (size_t k = 0; k < record_length(expect); k++)
			record_put_bool(*expected, record_text(record_at(expect, k)), true);
	}
	return 0;
}

static int list_unproven(const struct verb_call *call)
{
	CLEANUP(cleanup_free) char *tools = tools_dir(call);
	CLEANUP(cleanup_record) struct record *listing = NULL;
	CLEANUP(cleanup_free) char *folder = data_path("fixtures/quirks");
	CLEANUP(cleanup_quirks) struct quirks *quirks = NULL;
	CLEANUP(cleanup_record) struct record *expected = NULL;
	CLEANUP(cleanup_record) struct record *unproven = record_array();
	const struct record *checks;
	struct err err = { 0 };
	int rc = ask_expected(&expected, &err);

	if (!rc)
		rc = quirks_load(folder, &quirks, &err);
	if (!rc)
		rc = vfsuite_list(tools, &listing, &err);
	if (rc < 0)
		return call_failed(call, &err);
	checks = record_get(listing, "checks");
	for (size_t i = 0; i < record_length(checks); i++) {
		struct record *check = record_copy(record_at(checks, i));
		const char *id = record_str(check, "id", "");

		/* A check that fails on the sound emulated card has been seen to fail. */
		if (record_get(expected, id) || quirks_predict(quirks, id)) {
			record_free(check);
			continue;
		}
		record_put_str(check, "unproven",
				record_str(check, "unbreakable", "no defect names it"));
		record_add(unproven, check);
	}
	return print_list(call, unproven, 2, (const char *const[]){ "CHECK", "WHY" },
			(const char *const[]){ "id", "unproven" });
}

static int list_checks(struct verb_call *call)
{
	if (call_has(call, "unproven"))
		return list_unproven(call);
	return print_asked(call, "checks", 2, (const char *const[]){ "CHECK", "STATEMENT" },
			(const char *const[]){ "id", "title" });
}

static int list_suites(struct verb_call *call)
{
	return print_asked(call, "suites", 2, (const char *const[]){ "SUITE", "SUBJECT" },
			(const char *const[]){ "id", "title" });
}

struct listing {
	struct record *list;
	const char *kind; /* of the section whose title is shown */
};

static int add_file(void *argument, const char *path, const char *name, struct err *err)
{
	CLEANUP(cleanup_ini) struct ini *ini = NULL;
	const struct listing *listing = argument;
	struct record *item;
	int rc = ini_load(AT_FDCWD, path, &ini, err);

	if (rc < 0)
		return rc;
	item = record_object();
	record_put_str(item, "id", name);
	record_put_str(item, "title", ini_value(ini_section(ini, listing->kind, NULL), "Title"));
	record_add(listing->list, item);
	return 0;
}

/* Lists the titles of the files in FOLDER, from their first section of that kind. */
static int list_files(const struct verb_call *call, const char *folder, const char *what,
		const char *kind, const char *heading)
{
	CLEANUP(cleanup_free) char *path = data_path(folder);
	CLEANUP(cleanup_record) struct record *list = record_array();
	struct listing listing = { list, kind };
	struct err err = { 0 };

	if (ini_folder_each(path, what, add_file, &listing, &err) < 0)
		return call_failed(call, &err);
	return print_list(call, list, 2, (const char *const[]){ heading, "WHAT IT IS" },
			(const char *const[]){ "id", "title" });
}

static int list_topologies(struct verb_call *call)
{
	return list_files(call, "fixtures/topologies", "the topologies", "Topology", "TOPOLOGY");
}

static int list_defects(struct verb_call *call)
{
	return list_files(call, "fixtures/defects", "the defects", "Defect", "DEFECT");
}

/* Puts the member "requires": the ids of the required capabilities, separated by commas. */
static void put_required(struct record *item, const struct certification_profile *profile)
{
	CLEANUP(cleanup_free) char *words = text_format("%s", "");

	for (size_t i = 0; i < profile->count; i++) {
		char *longer;

		if (!profile->list[i].required)
			continue;
		longer = text_format("%s%s%s", words, *words ? ", " : "", profile->list[i].id);
		free(words);
		words = longer;
	}
	record_put_str(item, "requires", words);
}

static int add_profile(void *list, const char *path, const char *name, struct err *err)
{
	CLEANUP(cleanup_free) char *folder = profiles_dir();
	CLEANUP(cleanup_cert_profile) struct certification_profile *profile = NULL;
	struct record *item;
	int rc;

	(void)path;
	if (!strcmp(name, "capabilities"))
		return 0;
	rc = cert_profile_load(folder, name, &profile, err);
	if (rc < 0)
		return rc;
	item = record_object();
	record_put_str(item, "id", profile->id);
	record_put_str(item, "title", profile->title);
	put_required(item, profile);
	record_put_str(item, "digest", profile->digest);
	record_add(list, item);
	return 0;
}

static int list_profiles(struct verb_call *call)
{
	CLEANUP(cleanup_free) char *folder = profiles_dir();
	CLEANUP(cleanup_record) struct record *list = record_array();
	struct err err = { 0 };

	if (ini_folder_each(folder, "the profiles", add_profile, list, &err) < 0)
		return call_failed(call, &err);
	return print_list(call, list, 3,
			(const char *const[]){ "PROFILE", "WHAT IT IS", "REQUIRES" },
			(const char *const[]){ "id", "title", "requires" });
}

static int list_capabilities(struct verb_call *call)
{
	CLEANUP(cleanup_free) char *folder = profiles_dir();
	CLEANUP(cleanup_cert_profile) struct certification_profile *profile = NULL;
	CLEANUP(cleanup_record) struct record *list = NULL;
	struct err err = { 0 };

	if (cert_profile_load(folder, call_value(call, "profile"), &profile, &err) < 0)
		return call_failed(call, &err);
	list = cert_profile_capabilities(profile);
	return print_list(call, list, 3,
			(const char *const[]){ "CAPABILITY", "WHAT IT SAYS OF THE CARD", "CHECKS" },
			(const char *const[]){ "id", "title", "checks" });
}

static const struct flag capability_flags[] = {
	{ "profile", 'p', "NAME", "The profile that says which are required (default)" },
	{ "json", 0, NULL, "Print JSON, with the mandatory checks" },
	{ 0 },
};

static const struct flag list_flags[] = {
	{ "json", 0, NULL, "Print JSON" },
	{ 0 },
};

static const struct flag check_flags[] = {
	{ "unproven", 0, NULL, "Only checks that no defect or quirk makes fail, and why" },
	{ "json", 0, NULL, "Print JSON" },
	{ "tools", 0, "DIR",
			"Folder of the vfsuite to ask (default: the one that came with vfcert)" },
	{ 0 },
};

static const struct flag asked_flags[] = {
	{ "json", 0, NULL, "Print JSON" },
	{ "tools", 0, "DIR",
			"Folder of the vfsuite to ask (default: the one that came with vfcert)" },
	{ 0 },
};

const struct verb list_verbs[] = {
	{ .name = "list checks",
			.args = "",
			.summary = "List the checks",
			.flags = check_flags,
			.run = list_checks },
	{ .name = "list suites",
			.args = "",
			.summary = "List the suites",
			.flags = asked_flags,
			.run = list_suites },
	{ .name = "list topologies",
			.args = "",
			.summary = "List the emulated rigs",
			.flags = list_flags,
			.run = list_topologies },
	{ .name = "list defects",
			.args = "",
			.summary = "List the ways to break a rig on purpose",
			.flags = list_flags,
			.run = list_defects },
	{ .name = "list profiles",
			.args = "",
			.summary = "List the profiles: what a certificate must say of a card",
			.flags = list_flags,
			.run = list_profiles },
	{ .name = "list capabilities",
			.args = "",
			.summary = "List the capabilities, and the checks behind each",
			.flags = capability_flags,
			.run = list_capabilities },
	{ 0 },
};

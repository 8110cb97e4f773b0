/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diagnostics.h"
#include "base/text.h"
#include "data/ini.h"
#include "managers/other_manager_shell.h"

/*
 * Profiles of tuned: the active ones and those that they include; if no record says which are
 * active, all of the administrator's profiles. Their section [sysfs] lists attributes; the scripts
 * of [script] are in the folder of the profile.
 */

enum { INCLUDES_MOST = 8 };

static void scan_folder(const struct manager_scan *scan, const char *folder, unsigned depth);

static void scan_profiles(const struct manager_scan *scan, const char *list, unsigned depth)
{
	static const char *const folders[] = { "etc/tuned", "etc/tuned/profiles", "usr/lib/tuned",
		"usr/lib/tuned/profiles" };
	CLEANUP(cleanup_free) char *copy = text_format("%s", list);
	char *rest = copy, *name;

	while ((name = strsep(&rest, " ,\t\r\n"))) {
		for (size_t i = 0; *name && !strchr(name, '/') && i < 4; i++) {
			CLEANUP(cleanup_free) char *folder = text_format("%s/%s", folders[i], name);
			CLEANUP(cleanup_free) char *conf = text_format("%s/tuned.conf", folder);

			if (!host_exists(scan->host, conf))
				continue;
			scan_folder(scan, folder, depth);
			break;
		}
	}
}

static void scan_scripts_of(const struct manager_scan *scan, const char *folder)
{
	CLEANUP(manager_files_free) struct manager_files files = { 0 };

	manager_folder_read(scan, folder, "*.sh", &files);
	find_scripts(&files, scan->names, scan->managers);
}

static void scan_folder(const struct manager_scan *scan, const char *folder, unsigned depth)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/tuned.conf", folder);
	CLEANUP(cleanup_diagnostics) struct diagnostics ignored = { 0 };
	CLEANUP(manager_files_free) struct manager_files files = { 0 };
	CLEANUP(cleanup_ini) struct ini *ini = NULL;
	const char *included;

	manager_file_read(scan, path, &files);
	if (!files.count || !depth)
		return;
	ini = ini_parse_all(files.items[0].file, files.items[0].text, &ignored);
	included = ini_value(ini_section(ini, "main", NULL), "include");
	if (included)
		scan_profiles(scan, included, depth - 1);
	find_attributes(&files.items[0], "tuned", scan->names, scan->managers);
	if (ini_section(ini, "script", NULL))
		scan_scripts_of(scan, folder);
}

static void scan_all(const struct manager_scan *scan)
{
	char **names;
	size_t count;

	if (host_names(scan->host, "etc/tuned", &names, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *folder = text_format("etc/tuned/%s", names[i]);

		scan_folder(scan, folder, INCLUDES_MOST);
	}
	host_names_free(names, count);
}

void scan_tuned(const struct manager_scan *scan)
{
	CLEANUP(manager_files_free) struct manager_files files = { 0 };

	manager_file_read(scan, "etc/tuned/active_profile", &files);
	if (files.count)
		scan_profiles(scan, files.items[0].text, INCLUDES_MOST);
	else
		scan_all(scan);
}

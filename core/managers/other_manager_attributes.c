/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "managers/other_manager_internal.h"

/*
 * Lists of sysfs attributes with their values: tmpfiles.d(5) ("w PATH - - - - 4"), and sysfs.conf
 * of sysfsutils ("class/net/eth0/device/sriov_numvfs = 4").
 */

static enum fit line_fits(char *line, const struct card_names *names)
{
	enum fit best = FIT_NO;
	char *word;

	while ((word = strsep(&line, " \t=\"'"))) {
		enum fit fit = path_is_sriov_attribute(word) ? attribute_path_fits(word, names)
							     : FIT_NO;

		best = fit > best ? fit : best;
	}
	return best;
}

void find_attributes(const struct manager_file *file, const char *who,
		const struct card_names *names, struct diagnostics *managers)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", file->text);
	char *rest = copy, *line;
	enum fit fit = FIT_NO;

	for (unsigned number = 1; fit == FIT_NO && (line = strsep(&rest, "\n")); number++) {
		line += strspn(line, " \t");
		if (*line == '#' || *line == ';')
			continue;
		fit = line_fits(line, names);
		manager_report(managers, file->file, number, who, "make", fit);
	}
}

void scan_attribute_files(const struct manager_scan *scan)
{
	static const char *const folders[] = { "etc/tmpfiles.d", "run/tmpfiles.d",
		"usr/local/lib/tmpfiles.d", "usr/lib/tmpfiles.d", NULL };
	CLEANUP(manager_files_free) struct manager_files tmpfiles = { 0 };
	CLEANUP(manager_files_free) struct manager_files sysfs = { 0 };

	manager_files_read(scan, folders, "", ".conf", &tmpfiles);
	for (size_t i = 0; i < tmpfiles.count; i++)
		find_attributes(&tmpfiles.items[i], "systemd-tmpfiles", scan->names,
				scan->managers);
	manager_file_read(scan, "etc/sysfs.conf", &sysfs);
	manager_folder_read(scan, "etc/sysfs.d", "*.conf", &sysfs);
	for (size_t i = 0; i < sysfs.count; i++)
		find_attributes(&sysfs.items[i], "sysfsutils", scan->names, scan->managers);
}

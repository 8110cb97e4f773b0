/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "managers/other_manager_shell.h"

/*
 * interfaces(5) of ifupdown, ifupdown2 and ifupdown-ng.
 *
 *   iface eth0 inet manual
 *       pre-up echo 4 > /sys/class/net/$IFACE/device/sriov_numvfs
 */

enum { FILES_MOST = 256 };

static const char *const commands[] = { "up", "pre-up", "post-up", "down", "pre-down", "post-down",
	NULL };

static bool is_one_of(const char *word, const char *const list[])
{
	for (size_t i = 0; list[i]; i++) {
		if (!strcmp(word, list[i]))
			return true;
	}
	return false;
}

struct stanza {
	char *name; /* name of the interface, or NULL */
	enum fit fit;
};

static bool report_line(const struct manager_file *file, unsigned line, const char *key,
		const char *value, const struct stanza *stanza, const struct card_names *names,
		struct diagnostics *managers)
{
	const struct shell_origin origin = { file->file, "ifupdown", line };
	struct shell_context context = { .names = names };
	bool reported = false;

	if (is_one_of(key, commands)) {
		shell_variable_add(&context.variables, "IFACE", stanza->name);
		reported = command_report(&origin, value, &context, managers);
		shell_variables_free(&context.variables);
	} else if (stanza->fit != FIT_NO &&
			(!strncmp(key, "sriov", 5) || !strncmp(key, "vf-", 3))) {
		manager_report(managers, file->file, line, "ifupdown", "set", stanza->fit);
		reported = true;
	}
	return reported;
}

static void begin_stanza(const char *key, const char *value, const struct card_names *names,
		struct stanza *stanza)
{
	static const char *const others[] = { "auto", "mapping", "source", "source-directory",
		"rename", NULL };
	bool iface = !strcmp(key, "iface");

	if (!iface && !is_one_of(key, others) && strncmp(key, "allow-", 6) != 0)
		return;
	free(TAKE(stanza->name));
	if (iface) {
		stanza->name = text_format("%.*s", (int)strcspn(value, " \t:"), value);
		stanza->fit = name_fits(stanza->name, names);
	}
}

/* Cuts off a line, with the lines that a backslash joins to it. */
static char *next_line(char **rest, unsigned *lines)
{
	char *line = *rest, *at = line;

	if (!line || !*line)
		return NULL;
	for (*lines = 1; *(at += strcspn(at, "\n")); ++*lines) {
		if (at == line || at[-1] != '\\') {
			*at++ = '\0';
			break;
		}
		at[-1] = *at = ' ';
	}
	*rest = at;
	return line;
}

static void find_in_file(const struct manager_file *file, const struct card_names *names,
		struct diagnostics *managers)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", file->text);
	struct stanza stanza = { 0 };
	char *rest = copy, *line;
	unsigned number = 1, lines;
	bool reported = false;

	for (; !reported && (line = next_line(&rest, &lines)); number += lines) {
		char *key = line + strspn(line, " \t"), *value = key + strcspn(key, " \t\r");

		if (*value)
			*value++ = '\0';
		value += strspn(value, " \t");
		if (*key == '#' || !*key)
			continue;
		begin_stanza(key, value, names, &stanza);
		if (stanza.name)
			reported = report_line(file, number, key, value, &stanza, names, managers);
	}
	free(stanza.name);
}

void find_ifupdown(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers)
{
	for (size_t i = 0; i < files->count; i++)
		find_in_file(&files->items[i], names, managers);
}

static void read_source(const struct manager_scan *scan, const char *pattern, bool folder,
		struct manager_files *files)
{
	CLEANUP(cleanup_free)
	char *path = text_format("%s%s", *pattern == '/' ? "" : "/etc/network/", pattern);
	char *slash = strrchr(path, '/');

	if (folder) {
		manager_folder_read(scan, path + 1, "*", files);
	} else if (slash > path) {
		*slash = '\0';
		manager_folder_read(scan, path + 1, slash + 1, files);
	}
}

/* Reads the files that "source PATTERN" and "source-directory FOLDER" name. */
static void read_sources(
		const struct manager_scan *scan, const char *text, struct manager_files *files)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) && files->count < FILES_MOST) {
		bool folder;

		line += strspn(line, " \t");
		folder = !strncmp(line, "source-dir", 10);
		if (strncmp(line, "source", 6) != 0 || !strpbrk(line, " \t"))
			continue;
		line += strcspn(line, " \t");
		line += strspn(line, " \t");
		line[strcspn(line, " \t\r")] = '\0';
		read_source(scan, line, folder, files);
	}
}

void scan_ifupdown(const struct manager_scan *scan)
{
	CLEANUP(manager_files_free) struct manager_files files = { 0 };
	size_t first;

	manager_file_read(scan, "etc/network/interfaces", &files);
	first = files.count;
	if (first)
		read_sources(scan, files.items[0].text, &files);
	else /* ifupdown-ng, and distributions on which a program writes the main file */
		manager_folder_read(scan, "etc/network/interfaces.d", "*", &files);
	for (size_t i = first; i < files.count; i++)
		read_sources(scan, files.items[i].text, &files);
	find_ifupdown(&files, scan->names, scan->managers);
}

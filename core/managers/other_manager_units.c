/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diagnostics.h"
#include "base/text.h"
#include "data/ini.h"
#include "host/conf_files.h"
#include "managers/other_manager_shell.h"

/*
 * systemd.service(5), systemd.timer(5). A unit counts unless it is masked or disabled (it has an
 * [Install] section, and no folder X.wants or X.requires links to it). A unit without [Install] is
 * started by something else; if that is a timer of the same name, the timer decides.
 */

static const char *const folders[] = { "etc/systemd/system", "run/systemd/system",
	"usr/local/lib/systemd/system", "usr/lib/systemd/system", "lib/systemd/system", NULL };

struct links {
	size_t count;
	char **names; /* "vfs@eth0.service" */
};

static void add_links(const struct host *host, const char *folder, struct links *links)
{
	char **names;
	size_t count;

	if (host_names(host, folder, &names, &count, NULL) < 0)
		return;
	links->names = reallocarray(links->names, links->count + count + 1, sizeof(char *));
	if (!links->names)
		abort();
	for (size_t i = 0; i < count; i++)
		links->names[links->count++] = text_format("%s", names[i]);
	host_names_free(names, count);
}

static bool is_dependency_folder(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot &&
			(!strcmp(dot, ".wants") || !strcmp(dot, ".requires") ||
					!strcmp(dot, ".upholds"));
}

static void read_links(const struct host *host, struct links *links)
{
	for (size_t i = 0; folders[i]; i++) {
		char **names;
		size_t count;

		if (host_names(host, folders[i], &names, &count, NULL) < 0)
			continue;
		for (size_t k = 0; k < count; k++) {
			CLEANUP(cleanup_free)
			char *path = text_format("%s/%s", folders[i], names[k]);

			if (is_dependency_folder(names[k]))
				add_links(host, path, links);
		}
		host_names_free(names, count);
	}
}

static void links_free(struct links *links)
{
	host_names_free(links->names, links->count);
}

static bool is_linked(const struct links *links, const char *unit)
{
	for (size_t i = 0; i < links->count; i++) {
		if (!strcmp(links->names[i], unit))
			return true;
	}
	return false;
}

/* A unit file with its drop-ins. */
struct unit {
	const char *name; /* "vfs@.service" */
	size_t count;
	struct ini **inis;
};

static void unit_free(struct unit *unit)
{
	for (size_t i = 0; i < unit->count; i++)
		ini_free(unit->inis[i]);
	free(unit->inis);
}

static void read_unit(const struct manager_scan *scan, const char *path, struct unit *unit)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics ignored = { 0 };
	CLEANUP(manager_files_free) struct manager_files files = { 0 };
	CLEANUP(cleanup_free) char *below = text_format("%s.d", strrchr(path, '/') + 1);

	unit->name = strrchr(path, '/') + 1;
	manager_file_read(scan, path, &files);
	manager_files_read(scan, folders, below, ".conf", &files);
	unit->inis = calloc(files.count + 1, sizeof(*unit->inis));
	if (!unit->inis)
		abort();
	for (; unit->count < files.count; unit->count++)
		unit->inis[unit->count] = ini_parse_all(files.items[unit->count].file,
				files.items[unit->count].text, &ignored);
}

static bool is_installable(const struct unit *unit)
{
	for (size_t i = 0; i < unit->count; i++) {
		if (ini_section(unit->inis[i], "Install", NULL))
			return true;
	}
	return false;
}

/* Whether there is a timer with the name of the unit, but disabled. */
static bool waits_for_nothing(
		const struct manager_scan *scan, const struct unit *unit, const struct links *links)
{
	CLEANUP(cleanup_free)
	char *timer = text_format("%.*s.timer", (int)strcspn(unit->name, "."), unit->name);
	bool there = false;

	for (size_t i = 0; folders[i]; i++) {
		CLEANUP(cleanup_free) char *path = text_format("%s/%s", folders[i], timer);

		there |= host_exists(scan->host, path);
	}
	return there && !is_linked(links, timer);
}

/* Replaces specifiers: %i is the instance, others are unknown. */
static char *fill_in(const char *value, const char *instance)
{
	char *text = text_format("%s", ""), *longer;

	for (const char *at = value; *at; at++) {
		const char unknown[] = { UNKNOWN_CHAR, '\0' };
		const char character[] = { *at, '\0' };
		const char *what = character;

		if (*at == '%' && at[1]) {
			at++;
			what = *at == '%' ? "%" : *at == 'i' || *at == 'I' ? instance : unknown;
		} else if (*at == '$' && at[1] == '$') {
			at++;
		}
		longer = text_format("%s%s", text, what);
		free(text);
		text = longer;
	}
	return text;
}

static void take_environment(
		const struct unit *unit, const char *instance, struct shell_context *context)
{
	for (size_t i = 0; i < unit->count; i++) {
		const struct ini_section *service = ini_section(unit->inis[i], "Service", NULL);

		for (size_t k = 0; service && k < service->count; k++) {
			CLEANUP(cleanup_free) char *text = NULL;

			if (strcmp(service->entries[k].key, "Environment") != 0)
				continue;
			text = fill_in(service->entries[k].value, instance);
			shell_find(text, 1, context);
		}
	}
}

/* An empty value in a later section or file discards the earlier ones of its key. */
static bool is_taken_back(const struct unit *unit, size_t at, const struct ini_entry *entry)
{
	bool after = false;

	for (size_t i = at; i < unit->count; i++) {
		const struct ini_section *service = ini_section(unit->inis[i], "Service", NULL);

		for (size_t k = 0; service && k < service->count; k++) {
			const struct ini_entry *other = &service->entries[k];

			if (after && !strcmp(other->key, entry->key) && !*other->value)
				return true;
			after |= other == entry;
		}
	}
	return false;
}

/* The operator's daemon configures the cards that its own file names, see scan_declared(). */
static bool runs_operator(const struct card_names *names, const char *command)
{
	return strstr(command, "sriov-network-config-daemon") && names->host &&
			!host_exists(names->host, "etc/sriov-operator/sriov-interface-config.yaml");
}

static bool report_entry(const struct manager_scan *scan, const struct ini *ini,
		const struct ini_entry *entry, const struct unit *unit, const char *instance)
{
	const struct shell_origin origin = { ini->file, unit->name, entry->line };
	struct shell_context context = { .names = scan->names };
	const char *value = entry->value + strspn(entry->value, "@-:+!|");
	CLEANUP(cleanup_free) char *command = fill_in(value, instance);
	bool reported;

	take_environment(unit, instance, &context);
	reported = command_report(&origin, command, &context, scan->managers);
	shell_variables_free(&context.variables);
	if (reported || !runs_operator(scan->names, command))
		return reported;
	manager_report(scan->managers, ini->file, entry->line, "the SR-IOV network operator",
			"make", FIT_MAY);
	return true;
}

static bool report_unit(
		const struct manager_scan *scan, const struct unit *unit, const char *instance)
{
	for (size_t i = 0; i < unit->count; i++) {
		const struct ini_section *service = ini_section(unit->inis[i], "Service", NULL);

		for (size_t k = 0; service && k < service->count; k++) {
			const struct ini_entry *entry = &service->entries[k];

			if (!strncmp(entry->key, "Exec", 4) && *entry->value &&
					!is_taken_back(unit, i, entry) &&
					report_entry(scan, unit->inis[i], entry, unit, instance))
				return true;
		}
	}
	return false;
}

/* A template counts for each of its enabled instances. */
static bool report_instances(
		const struct manager_scan *scan, const struct unit *unit, const struct links *links)
{
	size_t length = (size_t)(strchr(unit->name, '@') - unit->name) + 1;
	const char *suffix = strrchr(unit->name, '.');
	bool any = false;

	for (size_t i = 0; i < links->count; i++) {
		const char *name = links->names[i], *end = strrchr(name, '.');
		CLEANUP(cleanup_free) char *instance = NULL;

		if (strncmp(name, unit->name, length) != 0 || !end || strcmp(end, suffix) != 0 ||
				end == name + length)
			continue;
		any = true;
		instance = text_format(
				"%.*s", (int)(end - name - (ptrdiff_t)length), name + length);
		if (report_unit(scan, unit, instance))
			return true;
	}
	return any;
}

static void scan_unit(const struct manager_scan *scan, const char *path, const struct links *links)
{
	CLEANUP(unit_free) struct unit unit = { 0 };
	const char unknown[] = { UNKNOWN_CHAR, '\0' };

	read_unit(scan, path, &unit);
	if (strstr(unit.name, "@.")) {
		if (!report_instances(scan, &unit, links) && !is_installable(&unit))
			report_unit(scan, &unit, unknown);
		return;
	}
	if (is_linked(links, unit.name) ||
			(!is_installable(&unit) && !waits_for_nothing(scan, &unit, links)))
		report_unit(scan, &unit, unknown);
}

void scan_units(const struct manager_scan *scan)
{
	CLEANUP(links_free) struct links links = { 0 };
	char **paths;
	size_t count;

	if (conf_files_list(scan->host, folders, "", ".service", &paths, &count, NULL) < 0)
		return;
	read_links(scan->host, &links);
	for (size_t i = 0; i < count; i++)
		scan_unit(scan, paths[i], &links);
	host_names_free(paths, count);
}

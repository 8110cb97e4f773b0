/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "managers/other_manager_shell.h"

/*
 * ifcfg-NAME of Red Hat (nm-settings-ifcfg-rh(5): SRIOV_TOTAL_VFS, SRIOV_VF0...) and SUSE
 * (ifcfg(5): PRE_UP_SCRIPT, POST_UP_SCRIPT). The file is also read as shell text, since a shell
 * sources it.
 */

static const char *value_of(const struct shell_variables *variables, const char *name)
{
	for (size_t i = variables->count; i > 0; i--) {
		if (!strcmp(variables->items[i - 1].name, name))
			return variables->items[i - 1].value;
	}
	return NULL;
}

static enum fit file_fits(const struct manager_file *file, const struct shell_variables *variables,
		const struct card_names *names)
{
	const char *name = strstr(file->file, "/ifcfg-");
	const char *device = value_of(variables, "DEVICE");
	const char *mac = value_of(variables, "HWADDR");

	if (mac && *mac && *names->permanent_mac)
		return strcasecmp(mac, names->permanent_mac) ? FIT_NO : FIT_YES;
	if (device && *device)
		return name_fits(device, names);
	return name ? name_fits(name + strlen("/ifcfg-"), names) : FIT_NO;
}

static unsigned line_of(const char *text, const char *key)
{
	unsigned line = 1;

	for (const char *at = text; *at; line++) {
		const char *word = at + strspn(at, " \t");

		if (!strncmp(word, key, strlen(key)))
			return line;
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	return 1;
}

static bool report_script(const struct manager_file *file, const char *key,
		const struct card_names *names, struct shell_context *context,
		struct diagnostics *managers)
{
	const char *value = value_of(&context->variables, key);
	const struct shell_origin origin = { file->file, "the ifcfg file",
		line_of(file->text, key) };
	CLEANUP(cleanup_free) char *command = NULL;

	if (!value || !*value)
		return false;
	/* "wicked:/path", "systemd:unit", or a name in the folder of scripts */
	value = strchr(value, ':') ? strchr(value, ':') + 1 : value;
	command = *value == '/'
			? text_format("%s %s", value, names->netdev)
			: text_format("/etc/sysconfig/network/scripts/%s %s", value, names->netdev);
	return command_report(&origin, command, context, managers);
}

static void find_in_file(const struct manager_file *file, const struct card_names *names,
		struct diagnostics *managers)
{
	static const char *const scripts[] = { "PRE_UP_SCRIPT", "POST_UP_SCRIPT", "PRE_DOWN_SCRIPT",
		"POST_DOWN_SCRIPT" };
	struct shell_context context = { .names = names };
	struct shell_finding finding = shell_find(file->text, 1, &context);
	enum fit fit = file_fits(file, &context.variables, names);
	bool reported = finding.fit != FIT_NO;

	manager_report(managers, file->file, finding.line, "the ifcfg file", finding.does,
			finding.fit);
	for (size_t i = 0; fit != FIT_NO && !reported && i < context.variables.count; i++) {
		if (strncmp(context.variables.items[i].name, "SRIOV_", 6) != 0)
			continue;
		manager_report(managers, file->file, line_of(file->text, "SRIOV_"),
				"NetworkManager (by the ifcfg file)", "make", fit);
		reported = true;
	}
	context.for_card = fit == FIT_YES;
	for (size_t i = 0; fit != FIT_NO && !reported && i < 4; i++)
		reported = report_script(file, scripts[i], names, &context, managers);
	shell_variables_free(&context.variables);
}

void scan_ifcfg(const struct manager_scan *scan)
{
	CLEANUP(manager_files_free) struct manager_files files = { 0 };

	manager_folder_read(scan, "etc/sysconfig/network-scripts", "ifcfg-*", &files);
	manager_folder_read(scan, "etc/sysconfig/network", "ifcfg-*", &files);
	for (size_t i = 0; i < files.count; i++)
		find_in_file(&files.items[i], scan->names, scan->managers);
}

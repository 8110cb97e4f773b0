/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "managers/other_manager_shell.h"

/*
 * modprobe.d(5), and the kernel's command line: numbers of VFs as parameters of the driver's module
 * ("options igb max_vfs=7", "igb.max_vfs=7"). The driver creates them when it is loaded.
 */

static bool is_module(const char *word, size_t length, const char *driver)
{
	for (size_t i = 0; i < length; i++) {
		if ((word[i] == '-' ? '_' : word[i]) != (driver[i] == '-' ? '_' : driver[i]))
			return false;
	}
	return length && !driver[length];
}

/* Whether the value is for the card: "8", "8,8", or of mlx4_core "0000:04:00.0-5;8". */
static bool value_is_for(const char *value, const struct card_names *names)
{
	const char *address = names->bdf + (strncmp(names->bdf, "0000:", 5) ? 0 : 5);

	if (strchr(value, ':'))
		return strstr(value, address) != NULL;
	return value[strspn(value, "0,")] != '\0';
}

/* Parameters of graphics drivers only limit the number. */
bool is_vf_parameter(const char *word, const struct card_names *names)
{
	static const char *const parameters[] = {
		"max_vfs=", "num_vfs=", "num_vf=", "max_vf=", "num_of_vfs=", "sriov_numvfs="
	};

	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
		size_t length = strlen(parameters[i]);

		if (!strncmp(word, parameters[i], length))
			return value_is_for(word + length, names) &&
					strcmp(names->driver, "xe") != 0 &&
					strcmp(names->driver, "i915") != 0;
	}
	return false;
}

static void find_options(const struct manager_file *file, const struct shell_command *command,
		const struct card_names *names, struct diagnostics *managers)
{
	const char *module = command->count > 1 ? command->words[1].text : "";

	if (!command->count || strcmp(command->words[0].text, "options") != 0 ||
			!is_module(module, strlen(module), names->driver))
		return;
	for (size_t i = 2; i < command->count; i++) {
		if (!is_vf_parameter(command->words[i].text, names))
			continue;
		manager_report(managers, file->file, command->line, names->driver, "make", FIT_YES);
		return;
	}
}

/* Finds "install igb /sbin/modprobe --ignore-install igb; echo 4 > ...". */
static void find_installs(const struct manager_file *file, const struct card_names *names,
		struct diagnostics *managers)
{
	const struct shell_origin origin = { file->file, "modprobe", 1 };
	struct shell_context context = { .names = names };

	command_report(&origin, file->text, &context, managers);
	shell_variables_free(&context.variables);
}

static void find_in_file(const struct manager_file *file, const struct card_names *names,
		struct diagnostics *managers)
{
	CLEANUP(shell_commands_free) struct shell_commands commands;
	size_t before = managers->count;

	shell_read(file->text, 1, &commands);
	for (size_t i = 0; i < commands.count && managers->count == before; i++)
		find_options(file, &commands.items[i], names, managers);
	if (managers->count == before && strstr(file->text, "install"))
		find_installs(file, names, managers);
}

/* Finds "igb.max_vfs=7". */
static void find_on_command_line(const struct manager_file *file, const struct card_names *names,
		struct diagnostics *managers)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", file->text);
	char *rest = copy, *word;

	while ((word = strsep(&rest, " \t\n"))) {
		size_t length = strcspn(word, ".=");

		if (word[length] == '.' && is_module(word, length, names->driver) &&
				is_vf_parameter(word + length + 1, names)) {
			manager_report(managers, file->file, 1, names->driver, "make", FIT_YES);
			return;
		}
	}
}

void scan_modprobe(const struct manager_scan *scan)
{
	static const char *const folders[] = { "etc/modprobe.d", "run/modprobe.d",
		"usr/local/lib/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d", NULL };
	CLEANUP(manager_files_free) struct manager_files files = { 0 };
	CLEANUP(manager_files_free) struct manager_files cmdline = { 0 };

	if (!*scan->names->driver)
		return;
	manager_files_read(scan, folders, "", ".conf", &files);
	for (size_t i = 0; i < files.count; i++)
		find_in_file(&files.items[i], scan->names, scan->managers);
	manager_file_read(scan, "proc/cmdline", &cmdline);
	if (cmdline.count)
		find_on_command_line(&cmdline.items[0], scan->names, scan->managers);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "managers/other_manager_shell.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

/*
 * Finds what a command does to VFs: a redirection, tee or dd into sriov_numvfs, ip link set ... vf
 * N, devlink's switch mode and functions, and modules loaded with a number of VFs.
 */

#define MAKES "make"
#define SETS  "set"

struct search {
	struct shell_context *context;
	struct shell_finding best;
	char *folder; /* the folder of the last cd, or NULL */
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void found(struct search *search, enum fit fit, unsigned line, const char *does)
{
	if (fit == FIT_MAY && search->context->for_card)
		fit = FIT_YES;
	if (fit > search->best.fit)
		search->best = (struct shell_finding){ fit, line, does };
}

static enum fit any_fits(struct search *search, const char *word,
		enum fit (*fits)(const char *, const struct card_names *))
{
	enum fit best = FIT_NO;
	char **values;
	size_t count;

	shell_expand(word, &search->context->variables, &values, &count);
	for (size_t i = 0; i < count; i++) {
		enum fit fit = fits(values[i], search->context->names);

		best = fit > best ? fit : best;
	}
	host_names_free(values, count);
	return best;
}

static enum fit target_fits(const char *path, const struct card_names *names)
{
	return path_is_sriov_attribute(path) ? attribute_path_fits(path, names) : FIT_NO;
}

static void find_target(struct search *search, const char *word, unsigned line)
{
	CLEANUP(cleanup_free)
	char *path = *word == '/' || *word == '\002' || !search->folder
			? text_format("%s", word)
			: text_format("%s/%s", search->folder, word);

	found(search, any_fits(search, path, target_fits), line, MAKES);
}

/* "pci/0000:01:00.0", "pci/0000:01:00.0/1", or an interface. */
static enum fit devlink_fits(const char *word, const struct card_names *names)
{
	CLEANUP(cleanup_free) char *copy = NULL;

	if (strncmp(word, "pci/", 4) != 0)
		return name_fits(word, names);
	copy = text_format("%s", word + 4);
	copy[strcspn(copy, "/")] = '\0';
	return address_fits(copy, names);
}

static bool abbreviates(const char *word, const char *whole)
{
	return *word && !strncmp(word, whole, strlen(word));
}

/* ip [OPTIONS] link set [dev] NAME ... vf N ... */
static void find_ip(struct search *search, const struct shell_command *command, size_t at)
{
	const struct shell_word *words = command->words;
	size_t count = command->count;

	at++;
	while (at < count && *words[at].text == '-')
		at += 1 + (!strcmp(words[at].text, "-n") || !strcmp(words[at].text, "-netns"));
	if (at + 2 >= count || !abbreviates(words[at].text, "link") ||
			!abbreviates(words[at + 1].text, "set"))
		return;
	at += 2;
	at += abbreviates(words[at].text, "device") && at + 1 < count;
	for (size_t i = at + 1; i + 1 < count; i++) {
		if (!strcmp(words[i].text, "vf"))
			found(search, any_fits(search, words[at].text, name_fits), command->line,
					SETS);
	}
}

/* devlink dev eswitch set DEVICE ..., devlink port function set PORT ... */
static void find_devlink(struct search *search, const struct shell_command *command, size_t at)
{
	const struct shell_word *words = command->words;
	bool eswitch, function;

	at++;
	while (at < command->count && *words[at].text == '-')
		at++;
	if (at + 3 >= command->count || strcmp(words[at + 2].text, "set") != 0)
		return;
	eswitch = !strcmp(words[at].text, "dev") && !strcmp(words[at + 1].text, "eswitch");
	function = !strcmp(words[at].text, "port") && abbreviates(words[at + 1].text, "function");
	if (eswitch || function)
		found(search, any_fits(search, words[at + 3].text, devlink_fits), command->line,
				SETS);
}

/* modprobe igb max_vfs=7 */
static void find_modprobe(struct search *search, const struct shell_command *command, size_t at)
{
	bool driver = false;

	for (size_t i = at + 1; i < command->count; i++) {
		driver |= word_fits(command->words[i].text, search->context->names->driver) ==
				FIT_YES;
		if (driver && is_vf_parameter(command->words[i].text, search->context->names))
			found(search, FIT_YES, command->line, MAKES);
	}
}

static void find_writes(struct search *search, const struct shell_command *command, size_t at)
{
	for (size_t i = at + 1; i < command->count; i++) {
		const char *word = command->words[i].text;

		if (*word != '-')
			find_target(search, strncmp(word, "of=", 3) ? word : word + 3,
					command->line);
	}
}

/* "eth0:4" */
static enum fit numbered_name_fits(const char *word, const struct card_names *names)
{
	CLEANUP(cleanup_free) char *name = text_format("%.*s", (int)strcspn(word, ":"), word);

	return name_fits(name, names);
}

/* os-net-config-sriov -n NAME:NUMBER, from the udev rules of os-net-config. */
static void find_os_net_config(
		struct search *search, const struct shell_command *command, size_t at)
{
	for (size_t i = at + 1; i + 1 < command->count; i++) {
		if (!strcmp(command->words[i].text, "-n"))
			found(search,
					any_fits(search, command->words[i + 1].text,
							numbered_name_fits),
					command->line, MAKES);
	}
}

static void change_folder(struct search *search, const struct shell_command *command, size_t at)
{
	if (at + 1 >= command->count)
		return;
	free(search->folder);
	search->folder = text_format("%s", command->words[at + 1].text);
}

static const struct {
	const char *name;
	void (*find)(struct search *, const struct shell_command *, size_t);
} programs[] = { { "ip", find_ip }, { "devlink", find_devlink }, { "modprobe", find_modprobe },
	{ "insmod", find_modprobe }, { "tee", find_writes }, { "dd", find_writes },
	{ "cp", find_writes }, { "os-net-config-sriov", find_os_net_config },
	{ "cd", change_folder }, { "pushd", change_folder } };

static void find_in_command(struct search *search, const struct shell_command *command)
{
	for (size_t i = 0; i < command->count; i++) {
		const struct shell_word *word = &command->words[i];

		if (word->target) {
			find_target(search, word->text, command->line);
			continue;
		}
		for (size_t k = 0; k < sizeof(programs) / sizeof(*programs); k++) {
			if (!strcmp(base_of(word->text), programs[k].name))
				programs[k].find(search, command, i);
		}
	}
}

/* "PF=eth0", "PFS+=eth1" */
static void learn_assignment(const char *word, struct shell_variables *variables)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_";
	size_t length = strspn(word, letters);
	const char *rest = word + length;
	CLEANUP(cleanup_free) char *name = text_format("%.*s", (int)length, word);

	rest += *rest == '+';
	if (length && *rest == '=')
		shell_variable_add(variables, name, rest + 1);
}

static void learn(const struct shell_command *command, struct shell_variables *variables)
{
	const struct shell_word *words = command->words;
	size_t at = 0;

	while (at < command->count &&
			(!strcmp(words[at].text, "do") || !strcmp(words[at].text, "{")))
		at++;
	if (at + 3 < command->count && !strcmp(words[at].text, "for") &&
			!strcmp(words[at + 2].text, "in")) {
		for (size_t i = at + 3; i < command->count; i++)
			shell_variable_add(variables, words[at + 1].text, words[i].text);
		return;
	}
	for (size_t i = at; i < command->count; i++) {
		if (!words[i].target)
			learn_assignment(words[i].text, variables);
	}
}

struct shell_finding shell_find(const char *text, unsigned line, struct shell_context *context)
{
	CLEANUP(shell_commands_free) struct shell_commands commands;
	struct search search = { .context = context };

	shell_read(text, line, &commands);
	for (size_t i = 0; i < commands.count; i++)
		learn(&commands.items[i], &context->variables);
	for (size_t i = 0; i < commands.count; i++)
		find_in_command(&search, &commands.items[i]);
	free(search.folder);
	return search.best;
}

/* A line in another language that contains the name of the attribute may write it; if it
 * contains the whole path, the path decides. What {} or % insert is unknown. */
static enum fit foreign_line_fits(const char *line, size_t length, const struct card_names *names)
{
	CLEANUP(cleanup_free) char *copy = text_format("%.*s", (int)length, line);
	char *name = strstr(copy, "sriov_numvfs"), *path;

	if (!name || copy[strspn(copy, " \t")] == '#')
		return FIT_NO;
	name[strlen("sriov_numvfs")] = '\0';
	for (path = name; path > copy && !strchr(" \t\"'`(", path[-1]); path--) {
	}
	if (*path != '/')
		return FIT_MAY;
	for (char *at = path; *at; at++) {
		char *end = *at == '{' ? strchr(at, '}') : NULL;

		if (end)
			memmove(at + 1, end + 1, strlen(end + 1) + 1);
		if (end || *at == '%' || *at == '$')
			*at = UNKNOWN_CHAR;
	}
	return attribute_path_fits(path, names);
}

static struct shell_finding foreign_find(const char *text, struct shell_context *context)
{
	struct search search = { .context = context };
	unsigned line = 1;

	for (const char *at = text; *at; line++) {
		size_t length = strcspn(at, "\n");

		found(&search, foreign_line_fits(at, length, context->names), line, MAKES);
		at += length + (at[length] == '\n');
	}
	return search.best;
}

struct shell_finding script_find(const char *text, struct shell_context *context)
{
	CLEANUP(cleanup_free) char *first = text_format("%.*s", (int)strcspn(text, "\n"), text);

	if (!strncmp(first, "#!", 2) && !strstr(first, "sh"))
		return foreign_find(text, context);
	return shell_find(text, 1, context);
}

void find_scripts(const struct manager_files *files, const struct card_names *names,
		struct diagnostics *managers)
{
	for (size_t i = 0; i < files->count; i++) {
		struct shell_context context = { .names = names };
		struct shell_finding finding = script_find(files->items[i].text, &context);

		manager_report(managers, files->items[i].file, finding.line, "a script",
				finding.does, finding.fit);
		shell_variables_free(&context.variables);
	}
}

/* Whether the path is a file of the kernel, which may have side effects when read. */
static bool is_of_kernel(const char *path)
{
	return !strncmp(path, "sys/", 4) || !strncmp(path, "proc/", 5) || !strncmp(path, "dev/", 4);
}

/* Returns NULL if the program is of another kind or does not exist. PATH is relative to the
 * root. */
static char *read_script(const struct host *host, const char *path)
{
	enum { SCRIPT_LIMIT = 1 << 20 };
	int flags = O_RDONLY | O_NOCTTY | O_NONBLOCK;
	CLEANUP(cleanup_fd) int fd = is_of_kernel(path) ? -1 : host_open_file(host, path, flags);
	char mark[2], *text = NULL;
	struct stat st;
	size_t length;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || pread(fd, mark, 2, 0) != 2 ||
			!memcmp(mark, "\177E", 2) ||
			file_read_fd(fd, path, SCRIPT_LIMIT, &text, &length, NULL) < 0)
		return NULL;
	if (strlen(text) != length)
		free(TAKE(text));
	return text;
}

/* The WORDS of the command, from the script on, become $0, $1, ... */
static bool report_script(const struct shell_origin *origin, const struct shell_command *command,
		size_t at, struct shell_context *context, struct diagnostics *managers)
{
	const char *path = command->words[at].text;
	CLEANUP(cleanup_free) char *text = read_script(context->names->host, path + 1);
	CLEANUP(cleanup_free) char *file = NULL;
	CLEANUP(cleanup_free) char *who = NULL;
	struct shell_context inner = { context->names, { 0 }, context->for_card };
	struct shell_finding finding;

	if (!text)
		return false;
	for (size_t i = 0; i < context->variables.count; i++)
		shell_variable_add(&inner.variables, context->variables.items[i].name,
				context->variables.items[i].value);
	for (size_t i = at + 1; i < command->count && i - at < 10; i++) {
		char name[4];

		snprintf(name, sizeof(name), "%u", (unsigned)(i - at));
		shell_variable_add(&inner.variables, name, command->words[i].text);
		shell_variable_add(&inner.variables, "@", command->words[i].text);
		shell_variable_add(&inner.variables, "*", command->words[i].text);
	}
	finding = script_find(text, &inner);
	shell_variables_free(&inner.variables);
	file = host_path(context->names->host, path + 1);
	who = text_format("a script that %s runs (%s:%u)", origin->who, origin->file, origin->line);
	manager_report(managers, file, finding.line, who, finding.does, finding.fit);
	return finding.fit != FIT_NO;
}

bool command_report(const struct shell_origin *origin, const char *text,
		struct shell_context *context, struct diagnostics *managers)
{
	CLEANUP(shell_commands_free) struct shell_commands commands = { 0 };
	struct shell_finding finding = shell_find(text, origin->line, context);

	if (finding.fit != FIT_NO) {
		manager_report(managers, origin->file, finding.line, origin->who, finding.does,
				finding.fit);
		return true;
	}
	if (!context->names->host)
		return false;
	shell_read(text, origin->line, &commands);
	for (size_t i = 0; i < commands.count; i++) {
		for (size_t k = 0; k < commands.items[i].count; k++) {
			if (*commands.items[i].words[k].text == '/' &&
					report_script(origin, &commands.items[i], k, context,
							managers))
				return true;
		}
	}
	return false;
}

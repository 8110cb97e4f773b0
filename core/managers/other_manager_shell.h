/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MANAGERS_OTHER_MANAGER_SHELL_H
#define MANAGERS_OTHER_MANAGER_SHELL_H

#include "managers/other_manager_internal.h"

/*
 * Text in the language of the shell, or close to it: scripts, and the commands in units, rules,
 * crontabs and interface files. The text is searched for what it writes, not executed: variables
 * that it sets are known, with all their values; everything else is unknown.
 */
struct shell_variables {
	size_t count;
	struct shell_variable {
		char *name, *value;
	} * items;
};

/* VALUE may contain variables; blanks in it (SHELL_BLANK) separate several values. */
void shell_variable_add(struct shell_variables *variables, const char *name, const char *value);
void shell_variables_free(struct shell_variables *variables);

/* Returns all values that WORD, a word of a shell_command, can have, for host_names_free(). */
void shell_expand(const char *word, const struct shell_variables *variables, char ***values,
		size_t *count);

/* One command: words between the shell's operators. */
struct shell_word {
	char *text;
	bool target; /* the target of a redirection of output */
};

struct shell_command {
	size_t count;
	struct shell_word *words;
	unsigned line;
};

struct shell_commands {
	size_t count;
	struct shell_command *items;
};

/* LINE is the line number of the start of the text. */
void shell_read(const char *text, unsigned line, struct shell_commands *commands);
void shell_commands_free(struct shell_commands *commands);

struct shell_context {
	const struct card_names *names;
	struct shell_variables variables; /* the variables at the start; the text adds its own */
	bool for_card; /* the text runs only for the card, so an unknown name means the card */
};

/* What the text does to the VFs of the card: the first line that certainly does something, else
 * the first that may. */
struct shell_finding {
	enum fit fit;
	unsigned line;
	const char *does; /* as for manager_report() */
};

struct shell_finding shell_find(const char *text, unsigned line, struct shell_context *context);

/* The same for a script in any language; its first line names the language. */
struct shell_finding script_find(const char *text, struct shell_context *context);

/*
 * A command that WHO runs, at FILE:LINE: reports what it does itself, and what a script does that
 * it names by an absolute path. Adds at most one line.
 */
struct shell_origin {
	const char *file, *who;
	unsigned line;
};

bool command_report(const struct shell_origin *origin, const char *command,
		struct shell_context *context, struct diagnostics *managers);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MANAGERS_OTHER_MANAGER_SHELL_H
#define MANAGERS_OTHER_MANAGER_SHELL_H

#include "managers/other_manager_internal.h"

/*
 * Text in the shell's language, or near enough to it: scripts, and the commands in units, rules,
 * crontabs and interface files. It is read for what it writes, not executed: variables that the
 * text itself sets are known, with all values that they get; everything else is unknown.
 */
struct shell_variables {
	size_t count;
	struct shell_variable {
		char *name, *value;
	} * items;
};

/* VALUE may name variables; blanks in it (SHELL_BLANK) divide several values. */
void shell_variable_add(struct shell_variables *variables, const char *name, const char *value);
void shell_variables_free(struct shell_variables *variables);

/* All values that WORD, as shell_words() gives it, can have, for host_names_free(). */
void shell_expand(const char *word, const struct shell_variables *variables, char ***values,
		size_t *count);

/* One command: words between the shell's operators. */
struct shell_word {
	char *text;
	bool target; /* of a redirection of output */
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

/* LINE is the number of the text's first line. */
void shell_read(const char *text, unsigned line, struct shell_commands *commands);
void shell_commands_free(struct shell_commands *commands);

struct shell_context {
	const struct card_names *names;
	struct shell_variables variables; /* which the text starts with; it adds its own */
	bool for_card; /* the text runs for the card alone, so what is unknown is the card */
};

/* What the text does to the card's VFs: the first line that surely does, else the first
 * that may. */
struct shell_finding {
	enum fit fit;
	unsigned line;
	const char *does; /* as manager_report() wants it */
};

struct shell_finding shell_find(const char *text, unsigned line, struct shell_context *context);

/* The same in a script of whatever language, which its first line names. */
struct shell_finding script_find(const char *text, struct shell_context *context);

/*
 * A command that WHO runs, as it stands at FILE:LINE: what it does itself, and what a script does
 * that it names by an absolute path. Adds at most one line.
 */
struct shell_origin {
	const char *file, *who;
	unsigned line;
};

bool command_report(const struct shell_origin *origin, const char *command,
		struct shell_context *context, struct diagnostics *managers);

#endif

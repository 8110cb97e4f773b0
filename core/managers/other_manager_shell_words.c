/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "managers/other_manager_shell.h"

/*
 * Cuts a text into commands and words. Removes quotes and also cuts what they enclose, so that the
 * command in sh -c '...' is found; only in an assignment a quoted blank stays, as SHELL_BLANK. In a
 * word, a variable is VARIABLE_BEGIN NAME VARIABLE_END.
 */

enum { VARIABLE_BEGIN = '\002', VARIABLE_END = '\003', SHELL_BLANK = '\004' };
enum { DEPTH_MOST = 8, VALUES_MOST = 64, COMMANDS_MOST = 20000 };

struct reader {
	struct shell_commands *commands;
	const char *at;
	unsigned line;
	char quote; /* the open quote, or 0 */
	bool list;  /* inside NAME=( ... ) */
	bool target;
	bool in_word;
	char *word;
	size_t length, room;
};

static void put(struct reader *reader, char character)
{
	if (reader->length + 1 >= reader->room) {
		reader->room = reader->room ? 2 * reader->room : 64;
		reader->word = realloc(reader->word, reader->room);
		if (!reader->word)
			abort();
	}
	reader->word[reader->length++] = character;
	reader->word[reader->length] = '\0';
	reader->in_word = true;
}

static struct shell_command *command_of(struct reader *reader)
{
	struct shell_commands *commands = reader->commands;

	if (commands->count && commands->items[commands->count - 1].line)
		return &commands->items[commands->count - 1];
	return NULL;
}

static void begin_command(struct reader *reader)
{
	struct shell_commands *commands = reader->commands;

	if (commands->count && !commands->items[commands->count - 1].count) {
		commands->items[commands->count - 1].line = reader->line;
		return;
	}
	if (commands->count >= COMMANDS_MOST)
		return;
	commands->items = reallocarray(
			commands->items, commands->count + 1, sizeof(*commands->items));
	if (!commands->items)
		abort();
	commands->items[commands->count++] = (struct shell_command){ .line = reader->line };
}

static void end_word(struct reader *reader)
{
	struct shell_command *command = command_of(reader);
	bool full = command && command->count && !(command->count & (command->count - 1));

	if (!reader->in_word || !command)
		return;
	if (full || !command->count) {
		size_t room = command->count ? 2 * command->count : 1;

		command->words = reallocarray(command->words, room, sizeof(*command->words));
		if (!command->words)
			abort();
	}
	command->words[command->count++] =
			(struct shell_word){ text_format("%s", reader->word ? reader->word : ""),
				reader->target };
	reader->length = 0;
	if (reader->word)
		*reader->word = '\0';
	reader->in_word = reader->target = false;
}

static void end_command(struct reader *reader)
{
	end_word(reader);
	reader->target = reader->list = false;
	begin_command(reader);
}

/* Whether the word so far is "NAME=...". */
static bool is_assignment(const struct reader *reader)
{
	const char *equals = reader->length ? strchr(reader->word, '=') : NULL;

	if (!equals || equals == reader->word || isdigit((unsigned char)*reader->word))
		return false;
	for (const char *at = reader->word; at < equals; at++) {
		if (!isalnum((unsigned char)*at) && *at != '_')
			return false;
	}
	return true;
}

/* The output of what $( ) or ` ` encloses is unknown. */
static void skip_substitution(struct reader *reader, char end)
{
	unsigned depth = 1;

	put(reader, UNKNOWN_CHAR);
	for (; *reader->at; reader->at++) {
		reader->line += *reader->at == '\n';
		depth += end == ')' && *reader->at == '(';
		depth -= *reader->at == end;
		if (!depth) {
			reader->at++;
			return;
		}
	}
}

/* Reads what follows a $. */
static void read_variable(struct reader *reader)
{
	bool braced = *reader->at == '{';
	size_t length = 0;
	const char *name, *rest;

	if (*reader->at == '(') {
		reader->at++;
		skip_substitution(reader, ')');
		return;
	}
	name = reader->at += braced;
	while (isalnum((unsigned char)name[length]) || name[length] == '_')
		length++;
	if (length && !braced && isdigit((unsigned char)*name))
		length = 1;
	if (!length && strchr("@*#?!$-", *name) && *name)
		length = 1;
	rest = name + length;
	if (braced && *rest != '}' && strncmp(rest, "[@]}", 4) && strncmp(rest, "[*]}", 4)) {
		put(reader, UNKNOWN_CHAR);
	} else if (length) {
		put(reader, VARIABLE_BEGIN);
		for (size_t i = 0; i < length; i++)
			put(reader, name[i]);
		put(reader, VARIABLE_END);
	} else {
		put(reader, '$');
	}
	reader->at = rest;
	if (braced) {
		reader->at += strcspn(rest, "}\n");
		reader->at += *reader->at == '}';
	}
}

static void read_blank(struct reader *reader)
{
	if ((reader->quote || reader->list) && is_assignment(reader))
		put(reader, SHELL_BLANK);
	else
		end_word(reader);
}

static void read_newline(struct reader *reader)
{
	reader->line++;
	if (reader->list || (reader->quote && is_assignment(reader)))
		put(reader, SHELL_BLANK);
	else
		end_command(reader);
}

static void read_bracket(struct reader *reader, char character)
{
	bool begins = character == '(' && is_assignment(reader) &&
			reader->word[reader->length - 1] == '=';

	if (begins) {
		reader->list = true;
	} else if (character == ')' && reader->list) {
		reader->list = false;
	} else {
		end_command(reader);
	}
}

/* Reads what follows a >. A number before it is a descriptor. */
static void read_redirect(struct reader *reader)
{
	if (reader->length && strspn(reader->word, "0123456789&") == reader->length) {
		reader->length = 0;
		reader->in_word = false;
		*reader->word = '\0';
	}
	end_word(reader);
	reader->at += strspn(reader->at, ">|&");
	reader->target = true;
}

static void read_escape(struct reader *reader)
{
	if (*reader->at == '\n') {
		reader->line++;
		reader->at++;
	} else if (*reader->at) {
		put(reader, *reader->at++);
	}
}

/* Returns false if the character is not an operator. */
static bool read_operator(struct reader *reader, char character)
{
	switch (character) {
	case '\\':
		read_escape(reader);
		return true;
	case '\n':
		read_newline(reader);
		return true;
	case ' ':
	case '\t':
	case '\r':
		read_blank(reader);
		return true;
	case '$':
		read_variable(reader);
		return true;
	case '`':
		skip_substitution(reader, '`');
		return true;
	case '>':
		read_redirect(reader);
		return true;
	case ';':
	case '|':
	case '&':
		end_command(reader);
		return true;
	case '(':
	case ')':
		read_bracket(reader, character);
		return true;
	default:
		return false;
	}
}

static void read_character(struct reader *reader)
{
	char character = *reader->at++;

	if (reader->quote == character) {
		reader->quote = 0;
		reader->in_word |= is_assignment(reader);
	} else if (!reader->quote && (character == '\'' || character == '"')) {
		reader->quote = character;
	} else if (character == '#' && !reader->quote && !reader->in_word) {
		reader->at += strcspn(reader->at, "\n");
	} else if (!read_operator(reader, character) && (unsigned char)character >= ' ') {
		put(reader, character);
	}
}

void shell_read(const char *text, unsigned line, struct shell_commands *commands)
{
	struct reader reader = { .commands = commands, .at = text, .line = line };

	*commands = (struct shell_commands){ 0 };
	begin_command(&reader);
	while (*reader.at)
		read_character(&reader);
	end_word(&reader);
	free(reader.word);
}

void shell_commands_free(struct shell_commands *commands)
{
	for (size_t i = 0; i < commands->count; i++) {
		for (size_t k = 0; k < commands->items[i].count; k++)
			free(commands->items[i].words[k].text);
		free(commands->items[i].words);
	}
	free(commands->items);
	*commands = (struct shell_commands){ 0 };
}

void shell_variable_add(struct shell_variables *variables, const char *name, const char *value)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", value);
	char *rest = copy, *one;

	while ((one = strsep(&rest, "\004 "))) {
		if (!*one && *value)
			continue;
		variables->items = reallocarray(
				variables->items, variables->count + 1, sizeof(*variables->items));
		if (!variables->items)
			abort();
		variables->items[variables->count++] =
				(struct shell_variable){ text_format("%s", name),
					text_format("%s", one) };
	}
}

void shell_variables_free(struct shell_variables *variables)
{
	for (size_t i = 0; i < variables->count; i++) {
		free(variables->items[i].name);
		free(variables->items[i].value);
	}
	free(variables->items);
	*variables = (struct shell_variables){ 0 };
}

static void add_value(const char *value, char ***values, size_t *count)
{
	*values = reallocarray(*values, *count + 1, sizeof(**values));
	if (!*values)
		abort();
	(*values)[(*count)++] = text_format("%s", value);
}

static void expand(const char *word, const struct shell_variables *variables, unsigned depth,
		char ***values, size_t *count)
{
	const char *begin = strchr(word, VARIABLE_BEGIN);
	const char *end = begin ? strchr(begin, VARIABLE_END) : NULL;
	bool found = false;

	if (!end) {
		if (*count < VALUES_MOST)
			add_value(word, values, count);
		return;
	}
	for (size_t i = 0; i < variables->count && depth && *count < VALUES_MOST; i++) {
		const struct shell_variable *variable = &variables->items[i];
		CLEANUP(cleanup_free) char *whole = NULL;

		if (strlen(variable->name) != (size_t)(end - begin - 1) ||
				strncmp(variable->name, begin + 1, (size_t)(end - begin - 1)) != 0)
			continue;
		found = true;
		whole = text_format(
				"%.*s%s%s", (int)(begin - word), word, variable->value, end + 1);
		expand(whole, variables, depth - 1, values, count);
	}
	if (!found) {
		CLEANUP(cleanup_free)
		char *whole = text_format(
				"%.*s%c%s", (int)(begin - word), word, UNKNOWN_CHAR, end + 1);

		expand(whole, variables, depth, values, count);
	}
}

void shell_expand(const char *word, const struct shell_variables *variables, char ***values,
		size_t *count)
{
	*values = NULL;
	*count = 0;
	expand(word, variables, DEPTH_MOST, values, count);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/verb.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/record.h"
#include "base/table.h"
#include "base/verb_text.h"

#define FLAG_LIMIT 48 /* of one verb and its program together */

/* The flags of the verb, then the program's, then --help, in one array. */
struct flag_set {
	const struct flag *flags[FLAG_LIMIT];
	size_t count;
};

static const struct flag flag_help = { "help", 'h', NULL, "Show this help" };

static void flag_set_add(struct flag_set *set, const struct flag *flags)
{
	for (; flags && flags->name && set->count < FLAG_LIMIT - 1; flags++)
		set->flags[set->count++] = flags;
}

static struct flag_set flags_of(const struct program *program, const struct verb *verb)
{
	struct flag_set set = { .count = 0 };

	flag_set_add(&set, verb->flags);
	flag_set_add(&set, program->flags);
	set.flags[set.count++] = &flag_help;
	return set;
}

bool call_has(const struct verb_call *call, const char *flag)
{
	for (size_t i = 0; i < call->value_count; i++) {
		if (!strcmp(call->values[i].flag->name, flag))
			return true;
	}
	return false;
}

const char *call_value_at(const struct verb_call *call, const char *flag, size_t index)
{
	for (size_t i = 0; i < call->value_count; i++) {
		if (!strcmp(call->values[i].flag->name, flag) && !index--)
			return call->values[i].value;
	}
	return NULL;
}

const char *call_value(const struct verb_call *call, const char *flag)
{
	const char *value = NULL, *next;

	for (size_t i = 0; (next = call_value_at(call, flag, i)); i++)
		value = next;
	return value;
}

/* A refusal is an answer: programs that asked for JSON get it as such. */
static void print_refusal(const struct err *err)
{
	CLEANUP(cleanup_record) struct record *whole = record_object();
	CLEANUP(cleanup_free) char *text = NULL;

	record_put_str(whole, "schema", "refusal/1");
	record_put_str(whole, "refusal", err->refusal);
	record_put_str(whole, "message", err->msg);
	text = record_print_pretty(whole);
	puts(text);
}

int call_failed(const struct verb_call *call, const struct err *err)
{
	fprintf(stderr, "%s %s: ", call->program->name, call->verb->name);
	text_print_safe(err->msg, stderr);
	if (err->refusal)
		fprintf(stderr, " [%s]", err->refusal);
	fputc('\n', stderr);
	if (err->refusal && call_has(call, "json"))
		print_refusal(err);
	return err->code == EINVAL || err->code == ERANGE ? EXIT_USAGE : EXIT_UNUSABLE;
}

int call_misused(const struct verb_call *call, const char *format, ...)
{
	struct err err = { 0 };
	va_list args;

	err.code = EINVAL;
	va_start(args, format);
	vsnprintf(err.msg, sizeof(err.msg), format, args);
	va_end(args);
	return call_failed(call, &err);
}

/* How many arguments "PF [N] DIR..." wants: words without brackets are needed, dots have no end. */
static void args_wanted(const char *args, size_t *least, size_t *most)
{
	char copy[128], *rest = copy, *word;

	*least = *most = 0;
	snprintf(copy, sizeof(copy), "%s", args ? args : "");
	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		*least += *word != '[';
		*most = strstr(word, "...") ? (size_t)-1 : *most + (*most != (size_t)-1);
	}
}

static int check_args(const struct verb_call *call)
{
	size_t least, most;

	args_wanted(call->verb->args, &least, &most);
	if (call->count < least)
		return call_misused(call, "needs %s (%s %s --help shows how)", call->verb->args,
				call->program->name, call->verb->name);
	if (call->count > most)
		return call_misused(call, "unexpected argument '%s'", call->args[most]);
	return EXIT_GOOD;
}

/* Fills getopt's tables; a flag is known to getopt by its index + 256. */
static void getopt_tables(const struct flag_set *set, struct option *options,
		char letters[2 * FLAG_LIMIT + 2])
{
	char *letter = letters;

	*letter++ = ':';
	for (size_t i = 0; i < set->count; i++) {
		const struct flag *flag = set->flags[i];

		options[i] = (struct option){ flag->name, flag->value != NULL, NULL, (int)i + 256 };
		if (!flag->letter)
			continue;
		*letter++ = flag->letter;
		if (flag->value)
			*letter++ = ':';
	}
	*letter = '\0';
}

static const struct flag *flag_found(const struct flag_set *set, int found)
{
	if (found >= 256)
		return set->flags[found - 256];
	for (size_t i = 0; i < set->count; i++) {
		if (set->flags[i]->letter == found)
			return set->flags[i];
	}
	return NULL;
}

/* ARGV[0] is the verb's last word. */
static int run_verb(struct verb_call *call, int argc, char **argv)
{
	struct flag_set set = flags_of(call->program, call->verb);
	struct option options[FLAG_LIMIT + 1] = { 0 };
	struct verb_value values[256];
	char letters[2 * FLAG_LIMIT + 2];
	int found, rc;

	getopt_tables(&set, options, letters);
	call->values = values;
	optind = 0;
	opterr = 0;
	while ((found = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		const struct flag *flag;

		if (found == ':')
			return call_misused(call, "%s needs a value", argv[optind - 1]);
		if (found == '?')
			return call_misused(call,
					"unknown or unfit option '%s' (%s %s --help lists them)",
					argv[optind - 1], call->program->name, call->verb->name);
		flag = flag_found(&set, found);
		if (flag == &flag_help) {
			verb_print_help(call->program, call->verb, stdout);
			return EXIT_GOOD;
		}
		if (call->value_count == sizeof(values) / sizeof(*values))
			return call_misused(call, "more than 256 options");
		call->values[call->value_count++] =
				(struct verb_value){ flag, flag->value ? optarg : NULL };
	}
	call->args = argv + optind;
	call->count = (size_t)(argc - optind);
	rc = check_args(call);
	return rc ? rc : call->verb->run(call);
}

static const struct verb *find_verb(
		const struct program *program, int argc, char **argv, int *words)
{
	for (const struct verb *const *group = program->groups; *group; group++) {
		for (const struct verb *verb = *group; verb->name; verb++) {
			const char *second = strchr(verb->name, ' ');
			size_t first = second ? (size_t)(second - verb->name) : strlen(verb->name);

			if (strncmp(argv[1], verb->name, first) || argv[1][first])
				continue;
			if (second && (argc < 3 || strcmp(argv[2], second + 1)))
				continue;
			*words = second ? 2 : 1;
			return verb;
		}
	}
	return NULL;
}

int program_main(const struct program *program, int argc, char **argv)
{
	struct verb_call call = { .program = program };
	int words;

	if (argc < 2) {
		verb_print_overview(program, stderr);
		return EXIT_USAGE;
	}
	if (verb_text_asked(program, argc, argv))
		return EXIT_GOOD;
	call.verb = find_verb(program, argc, argv, &words);
	if (!call.verb) {
		fprintf(stderr, "%s: unknown verb '%s' (%s help lists them)\n", program->name,
				argv[1], program->name);
		return EXIT_USAGE;
	}
	return run_verb(&call, argc - words, argv + words);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/verb.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "command/flag_set.h"
#include "command/verb_text.h"
#include "data/record.h"

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

/* A refusal is an answer: programs that asked for JSON get it as JSON. */
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

int err_status(const struct err *err)
{
	return err->code == EINVAL || err->code == ERANGE ? EXIT_USAGE : EXIT_UNUSABLE;
}

int call_failed(const struct verb_call *call, const struct err *err)
{
	char origin[ERR_ORIGIN_TEXT];

	fprintf(stderr, "%s %s: ", call->program->name, call->verb->name);
	text_print_safe(err->msg, stderr);
	if (err->refusal)
		fprintf(stderr, " [%s]", err->refusal);
	if (call->debug || call_has(call, flag_debug.name))
		fprintf(stderr, " (%s)", err_origin_print(err, origin));
	fputc('\n', stderr);
	if (err->refusal && call_has(call, "json"))
		print_refusal(err);
	return err_status(err);
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

/* How many arguments "PF [N] DIR..." needs and accepts: words without brackets are required,
 * dots accept any number. */
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

/* The flags in the form of getopt: it returns the index of a flag + FIRST_FLAG. */
struct parser {
	struct flag_set flags;
	struct option *options;
	char *letters;
	struct verb_value *values;
};

enum { FIRST_FLAG = 256 };

static void parser_init(
		struct parser *parser, const struct program *program, const struct verb *verb)
{
	char *letter;

	parser->flags = flag_set_of(program, verb);
	parser->options = calloc(parser->flags.count + 1, sizeof(*parser->options));
	parser->letters = letter = malloc(2 * parser->flags.count + 2);
	if (!parser->options || !letter)
		abort();
	*letter++ = ':';
	for (size_t i = 0; i < parser->flags.count; i++) {
		const struct flag *flag = parser->flags.list[i];

		parser->options[i] = (struct option){ flag->name, flag->value != NULL, NULL,
			(int)i + FIRST_FLAG };
		if (!flag->letter)
			continue;
		*letter++ = flag->letter;
		if (flag->value)
			*letter++ = ':';
	}
	*letter = '\0';
}

static void parser_free(struct parser *parser)
{
	flag_set_free(&parser->flags);
	free(parser->options);
	free(parser->letters);
	free(parser->values);
}

static const struct flag *flag_found(const struct flag_set *set, int found)
{
	if (found >= FIRST_FLAG)
		return set->list[found - FIRST_FLAG];
	for (size_t i = 0; i < set->count; i++) {
		if (set->list[i]->letter == found)
			return set->list[i];
	}
	return NULL;
}

static void add_value(struct parser *parser, struct verb_call *call, const struct flag *flag)
{
	parser->values = reallocarray(
			parser->values, call->value_count + 1, sizeof(*parser->values));
	if (!parser->values)
		abort();
	parser->values[call->value_count++] =
			(struct verb_value){ flag, flag->value ? optarg : NULL };
	call->values = parser->values;
}

/* ARGV[0] is the last word of the verb. */
static int run_verb(struct verb_call *call, int argc, char **argv)
{
	CLEANUP(parser_free) struct parser parser = { .values = NULL };
	int found, rc;

	parser_init(&parser, call->program, call->verb);
	optind = 0;
	opterr = 0;
	while ((found = getopt_long(argc, argv, parser.letters, parser.options, NULL)) != -1) {
		const struct flag *flag;

		if (found == ':')
			return call_misused(call, "%s needs a value", argv[optind - 1]);
		if (found == '?')
			return call_misused(call,
					"unknown or unfit option '%s' (%s %s --help lists them)",
					argv[optind - 1], call->program->name, call->verb->name);
		flag = flag_found(&parser.flags, found);
		if (flag == &flag_help) {
			verb_print_help(call->program, call->verb, stdout);
			return EXIT_GOOD;
		}
		add_value(&parser, call, flag);
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
	call.debug = argc > 2 && !strcmp(argv[1], "--debug");
	if (call.debug) {
		argc--;
		argv++;
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

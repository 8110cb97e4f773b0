/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/verb_text.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "command/flag_set.h"

#ifndef PROJECT_VERSION
#define PROJECT_VERSION "unknown"
#endif

/* Calls EACH for every verb of the program, in table order. */
static void each_verb(const struct program *program, FILE *out,
		void (*each)(const struct program *, const struct verb *, FILE *))
{
	for (const struct verb *const *group = program->groups; *group; group++) {
		for (const struct verb *verb = *group; verb->name; verb++)
			each(program, verb, out);
	}
}

static void print_line(const struct program *program, const struct verb *verb, FILE *out)
{
	char left[64];

	(void)program;
	snprintf(left, sizeof(left), "%s %s", verb->name, verb->args ? verb->args : "");
	fprintf(out, "  %-26s %s\n", left, verb->summary);
}

void verb_print_overview(const struct program *program, FILE *out)
{
	fprintf(out, "%s: %s\n\nUsage: %s VERB [OPTIONS] [ARGUMENTS]\n\n", program->name,
			program->summary, program->name);
	each_verb(program, out, print_line);
	fprintf(out, "  %-26s %s\n  %-26s %s\n  %-26s %s\n", "help [VERB]",
			"This list, or one verb", "completion",
			"Completions for bash, to be sourced", "man",
			"The manual page, for man -l -");
	fprintf(out, "\nWith every verb:\n  %-26s %s\n", "--debug", flag_debug.help);
	fprintf(out,
			"\nExit status: 0 good, 1 a check failed or state drifted, 2 usage or bad "
			"input,\n3 the rig or the host could not be used.\n");
}

static void print_words(const struct flag *flag, FILE *out)
{
	const char *word, *help;

	for (size_t i = 0; flag->word && (word = flag->word(i, &help)); i++)
		fprintf(out, "  %-28s %s: %s\n", "", word, help);
}

static void print_flags(const struct flag_set *set, FILE *out)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct flag *flag = set->list[i];
		char left[48], letter[8] = "    ";

		if (flag->letter)
			snprintf(letter, sizeof(letter), "-%c, ", flag->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, flag->name,
				flag->value ? " " : "", flag->value ? flag->value : "");
		fprintf(out, "  %-26s %s\n", left, flag->help);
		print_words(flag, out);
	}
}

void verb_print_help(const struct program *program, const struct verb *verb, FILE *out)
{
	CLEANUP(flag_set_free) struct flag_set set = flag_set_of(program, verb);

	fprintf(out, "Usage: %s %s [OPTIONS] %s\n\n%s.\n", program->name, verb->name,
			verb->args ? verb->args : "", verb->summary);
	if (verb->details)
		fprintf(out, "\n%s\n", verb->details);
	fprintf(out, "\nOptions:\n");
	print_flags(&set, out);
}

/* Completes the value after "--rig" or "-r". */
static void complete_words(const struct flag *flag, FILE *out)
{
	const char *word, *help;

	fprintf(out, "; case \"$prev\" in --%s", flag->name);
	if (flag->letter)
		fprintf(out, " | -%c", flag->letter);
	fputs(") words='", out);
	for (size_t i = 0; (word = flag->word(i, &help)); i++)
		fprintf(out, "%s%s", i ? " " : "", word);
	fputs("' ;; esac", out);
}

static void complete_verb(const struct program *program, const struct verb *verb, FILE *out)
{
	CLEANUP(flag_set_free) struct flag_set set = flag_set_of(program, verb);

	fprintf(out, "\t'%s') flags='", verb->name);
	for (size_t i = 0; i < set.count; i++)
		fprintf(out, " --%s", set.list[i]->name);
	fputc('\'', out);
	for (size_t i = 0; i < set.count; i++) {
		if (set.list[i]->word)
			complete_words(set.list[i], out);
	}
	fputs(" ;;\n", out);
}

static void complete_name(const struct program *program, const struct verb *verb, FILE *out)
{
	(void)program;
	fprintf(out, "%s\n", verb->name);
}

static void print_completion(const struct program *program, FILE *out)
{
	fprintf(out,
			"_%s() {\n\tlocal at=1 cur=${COMP_WORDS[COMP_CWORD]} verb "
			"prev=${COMP_WORDS[COMP_CWORD-1]} words= flags=\n\tlocal verbs='",
			program->name);
	each_verb(program, out, complete_name);
	fputs("help\ncompletion\nman\n--debug'\n"
	      "\t[ \"${COMP_WORDS[1]}\" = --debug ] && [ $COMP_CWORD -gt 1 ] && at=2\n"
	      "\tverb=${COMP_WORDS[at]}\n"
	      "\tcase $((COMP_CWORD - at + 1)) in\n"
	      "\t1) words=$(printf '%s\\n' \"$verbs\" | sed 's/ .*//' | sort -u) ;;\n"
	      "\t2) words=$(printf '%s\\n' \"$verbs\" | sed -n \"s/^$verb //p\") ;;\n"
	      "\tesac\n"
	      "\tif [ -n \"$words\" ]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n\t\treturn\n\tfi\n"
	      "\tcase \"$verb ${COMP_WORDS[at + 1]}\" in\n",
			out);
	each_verb(program, out, complete_verb);
	fputs("\tesac\n\t[ -n \"$flags\" ] || case \"$verb\" in\n", out);
	each_verb(program, out, complete_verb);
	fprintf(out,
			"\tesac\n\tcase \"$cur\" in\n\t-*) COMPREPLY=($(compgen -W \"$flags\" -- "
			"\"$cur\")) ;;\n\t*) if [ -n \"$words\" ]; then\n\t\tCOMPREPLY=($(compgen "
			"-W \"$words\" -- \"$cur\"))\n\telse\n\t\tCOMPREPLY=($(compgen -f -- "
			"\"$cur\"))\n\tfi ;;\n\tesac\n}\n"
			"complete -F _%s %s\n",
			program->name, program->name);
}

/* Text for the man page: a dash becomes a minus, and no line begins with a dot or an apostrophe. */
static void print_roff(const char *text, FILE *out)
{
	bool at_start = true;

	for (; *text; text++) {
		if (at_start && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
		if (text[0] == '\n' && text[1] == '\n')
			fputs(".PP", out);
		at_start = *text == '\n';
	}
	fputc('\n', out);
}

static void man_flags(const struct flag_set *set, FILE *out)
{
	const char *word, *help;

	for (size_t i = 0; i < set->count; i++) {
		const struct flag *flag = set->list[i];

		fputs(".TP\n.B ", out);
		if (flag->letter)
			fprintf(out, "\\-%c, ", flag->letter);
		fputs("\\-\\-", out);
		for (const char *c = flag->name; *c; c++)
			fprintf(out, *c == '-' ? "\\-" : "%c", *c);
		fprintf(out, " %s\n", flag->value ? flag->value : "");
		print_roff(flag->help, out);
		for (size_t k = 0; flag->word && (word = flag->word(k, &help)); k++) {
			fprintf(out, ".br\n.I %s\n", word);
			print_roff(help, out);
		}
	}
}

static void man_verb(const struct program *program, const struct verb *verb, FILE *out)
{
	CLEANUP(flag_set_free) struct flag_set set = { .list = NULL };

	flag_set_add_verb(&set, verb);
	fprintf(out, ".SS %s %s %s\n", program->name, verb->name, verb->args ? verb->args : "");
	print_roff(verb->summary, out);
	if (verb->details) {
		fputs(".PP\n", out);
		print_roff(verb->details, out);
	}
	man_flags(&set, out);
}

static void print_man(const struct program *program, FILE *out)
{
	CLEANUP(flag_set_free) struct flag_set set = { .list = NULL };

	fprintf(out, ".TH ");
	for (const char *c = program->name; *c; c++)
		fputc(toupper((unsigned char)*c), out);
	fprintf(out, " 8 \"\" \"%s %s\"\n.SH NAME\n%s \\- ", program->name, PROJECT_VERSION,
			program->name);
	print_roff(program->summary, out);
	fprintf(out, ".SH SYNOPSIS\n.B %s\n.I VERB\n[OPTIONS] [ARGUMENTS]\n", program->name);
	if (program->details) {
		fputs(".SH DESCRIPTION\n", out);
		print_roff(program->details, out);
	}
	fputs(".SH VERBS\n", out);
	each_verb(program, out, man_verb);
	flag_set_add_table(&set, program->flags);
	flag_set_add(&set, &flag_debug);
	fputs(".SH OPTIONS OF EVERY VERB\n", out);
	man_flags(&set, out);
	fputs(".SH EXIT STATUS\n.TP\n0\ngood\n.TP\n1\na check failed, or state drifted\n.TP\n2\n"
	      "usage or bad input\n.TP\n3\nthe rig or the host could not be used\n",
			out);
}

static bool help_on(const struct program *program, int argc, char **argv)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s%s", argv[2], argc > 3 ? " " : "",
			argc > 3 ? argv[3] : "");
	for (const struct verb *const *group = program->groups; *group; group++) {
		for (const struct verb *verb = *group; verb->name; verb++) {
			if (strcmp(verb->name, name))
				continue;
			verb_print_help(program, verb, stdout);
			return true;
		}
	}
	return false;
}

bool verb_text_asked(const struct program *program, int argc, char **argv)
{
	const char *word = argv[1];

	if (!strcmp(word, "help") && argc > 2)
		return help_on(program, argc, argv);
	if (!strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h"))
		verb_print_overview(program, stdout);
	else if (!strcmp(word, "--version"))
		printf("%s %s\n", program->name, PROJECT_VERSION);
	else if (!strcmp(word, "completion"))
		print_completion(program, stdout);
	else if (!strcmp(word, "man"))
		print_man(program, stdout);
	else
		return false;
	return true;
}

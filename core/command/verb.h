/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_VERB_H
#define COMMAND_VERB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * A program is a const table of verbs. The table is all that the parser, --help, the shell
 * completions and the man page are made from. The verbs help, completion and man are in every
 * program.
 */

/* What a program ends with. */
enum exit_status {
	EXIT_GOOD = 0,
	EXIT_FAILED = 1,   /* a check failed, or state drifted */
	EXIT_USAGE = 2,    /* usage or bad input */
	EXIT_UNUSABLE = 3, /* the rig or the host could not be used */
};

struct flag {
	const char *name;  /* "vfs" of --vfs */
	char letter;       /* 'v' of -v, or 0 */
	const char *value; /* what --help calls the value, "N"; NULL: takes none */
	const char *help;
	/* The INDEXth word that the value can be, with its help, or NULL after the last; where the flag
	 * takes other values, this is NULL itself. */
	const char *(*word)(size_t index, const char **help);
};

struct verb_call;

struct verb_value {
	const struct flag *flag;
	const char *value; /* NULL where the flag takes none */
};

struct verb {
	const char *name;         /* "set"; verbs of two words are "lab up" */
	const char *args;         /* "PF", "[PF]", "DIR...": read for the number of arguments too */
	const char *summary;      /* one line */
	const char *details;      /* paragraphs for the help and the man page, or NULL */
	const struct flag *flags; /* ends with a flag without a name; may be NULL */
	int (*run)(struct verb_call *call); /* returns an enum exit_status */
	/* The INDEXth further table of flags, or NULL after the last; may be NULL itself. */
	const struct flag *(*more_flags)(size_t index);
};

struct program {
	const char *name, *summary, *details;
	const struct verb *const *groups; /* tables of verbs, each ends with one without a name */
	const struct flag *flags;         /* of every verb; as in struct verb */
};

/* One invocation: what getopt made of the command line. */
struct verb_call {
	const struct program *program;
	const struct verb *verb;
	char **args; /* the arguments after the flags */
	size_t count;
	struct verb_value *values; /* the flags, in their order */
	size_t value_count;
	bool debug; /* --debug stands before the verb */
};

/* Runs the verb of the command line, or says in one line what is wrong with it. */
int program_main(const struct program *program, int argc, char **argv);

bool call_has(const struct verb_call *call, const char *flag);

/* The value of the last such flag, or NULL; and of the INDEXth one, or NULL. */
const char *call_value(const struct verb_call *call, const char *flag);
const char *call_value_at(const struct verb_call *call, const char *flag, size_t index);

/* Prints "vfctl set: MESSAGE" to standard error and gives the exit status that fits the code:
 * EXIT_USAGE for what the user wrote (EINVAL, ERANGE), else EXIT_UNUSABLE. A refusal's name follows
 * in brackets, and with --json it is an object { schema, refusal, message } on standard output. With
 * --debug the place in the source where the error arose follows in parentheses. */
int call_failed(const struct verb_call *call, const struct err *err);

/* Bad usage: the same with EXIT_USAGE. */
int call_misused(const struct verb_call *call, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

#endif

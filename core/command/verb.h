/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_VERB_H
#define COMMAND_VERB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * A program is a const table of verbs. The parser, --help, the shell completions and the man page
 * all come from the table. Every program has the verbs help, completion and man.
 */

/* Exit status of a program. */
enum exit_status {
	EXIT_GOOD = 0,
	EXIT_FAILED = 1,   /* a check failed, or state drifted */
	EXIT_USAGE = 2,    /* usage or bad input */
	EXIT_UNUSABLE = 3, /* the rig or the host could not be used */
};

struct flag {
	const char *name;  /* "vfs" of --vfs */
	char letter;       /* 'v' of -v, or 0 */
	const char *value; /* the name of the value in --help, "N"; NULL: no value */
	const char *help;
	/* Returns the word at INDEX that the value can be, with its help, or NULL after the
	 * last. The pointer is NULL if the flag takes other values. */
	const char *(*word)(size_t index, const char **help);
};

struct verb_call;

struct verb_value {
	const struct flag *flag;
	const char *value; /* NULL if the flag takes none */
};

struct verb {
	const char *name;         /* "set"; verbs of two words are "lab up" */
	const char *args;         /* "PF", "[PF]", "DIR..."; also gives the number of arguments */
	const char *summary;      /* one line */
	const char *details;      /* paragraphs for the help and the man page, or NULL */
	const struct flag *flags; /* the last one has no name; may be NULL */
	int (*run)(struct verb_call *call); /* returns an enum exit_status */
	/* Returns the further table of flags at INDEX, or NULL after the last; may be NULL. */
	const struct flag *(*more_flags)(size_t index);
};

struct program {
	const char *name, *summary, *details;
	const struct verb *const *groups; /* tables of verbs; the last one in each has no name */
	const struct flag *flags;         /* flags of every verb; as in struct verb */
};

/* One invocation: the parsed command line. */
struct verb_call {
	const struct program *program;
	const struct verb *verb;
	char **args; /* the arguments after the flags */
	size_t count;
	struct verb_value *values; /* the flags in order */
	size_t value_count;
	bool debug; /* --debug came before the verb */
};

/* Runs the verb of the command line, or reports in one line what is wrong with the command line. */
int program_main(const struct program *program, int argc, char **argv);

bool call_has(const struct verb_call *call, const char *flag);

/* call_value() returns the value of the last such flag, call_value_at() that of the INDEXth one;
 * NULL if there is none. */
const char *call_value(const struct verb_call *call, const char *flag);
const char *call_value_at(const struct verb_call *call, const char *flag, size_t index);

/* Prints "vfctl set: MESSAGE" to standard error and returns the exit status for the code:
 * EXIT_USAGE for user input (EINVAL, ERANGE), else EXIT_UNUSABLE. The name of a refusal follows in
 * brackets; with --json the refusal is an object { schema, refusal, message } on standard output.
 * With --debug the origin of the error in the source follows in parentheses. */
int call_failed(const struct verb_call *call, const struct err *err);

/* The exit status that call_failed() returns for the error. */
int err_status(const struct err *err);

/* The same for wrong usage, with EXIT_USAGE. */
int call_misused(const struct verb_call *call, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

#endif

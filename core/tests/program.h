/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include "data/record.h"
#include "tests/tree.h"

/* Runs vfctl as its users do, on a machine of files. */
struct said {
	int status;
	char out[65536], err[8192];
};

/* Runs "vfctl WORDS... --root TREE --write-tree"; single spaces separate the words of LINE; ''
 * is an empty word. */
void program_run(const char *program, struct tree *tree, const char *line, struct said *said);

/* The same without --write-tree. */
void program_look(const char *program, struct tree *tree, const char *line, struct said *said);

/* Returns the JSON on its standard output, which must be of that schema, for record_free(). */
struct record *said_record(const struct said *said, const char *schema);

#endif

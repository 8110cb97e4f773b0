/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include "tests/tree.h"

/* vfctl, run as its users run it, on a machine of files. */
struct said {
	int status;
	char out[65536], err[8192];
};

/* "vfctl VERB... --root TREE WORDS...", the words of LINE separated by single spaces; '' is an empty
 * word. */
void program_run(const char *program, struct tree *tree, const char *line, struct said *said);

#endif

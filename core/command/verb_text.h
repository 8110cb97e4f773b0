/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_VERB_TEXT_H
#define COMMAND_VERB_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "command/verb.h"

/* Texts for people and shells from a verb table. */

void verb_print_overview(const struct program *program, FILE *out);
void verb_print_help(const struct program *program, const struct verb *verb, FILE *out);

/* Answers "help [VERB]", "--help", "--version", "completion" and "man"; false: the command line
 * asks for none of them. */
bool verb_text_asked(const struct program *program, int argc, char **argv);

#endif

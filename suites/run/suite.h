/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_SUITE_H
#define RUN_SUITE_H

#include "run/execute.h"

/* Puts into the results' member "run" by what the card is judged (reports/results/results.h): the program, its
 * checks, which are DECLARED, and the quirks. */
void suite_put(const struct run *run, const struct record *declared, struct record *record);

#endif

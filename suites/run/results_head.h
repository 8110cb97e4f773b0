/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUN_RESULTS_HEAD_H
#define RUN_RESULTS_HEAD_H

#include "run/execute.h"

/* Puts the digests of what judged the card into HEAD, the results' member "run"
 * (reports/results/results.h): of vfsuite, of its list of checks DECLARED, and of the quirks. */
void results_head_put(const struct run *run, const struct record *declared, struct record *head);

#endif

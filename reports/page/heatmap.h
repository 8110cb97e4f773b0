/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_PAGE_HEATMAP_H
#define REPORTS_PAGE_HEATMAP_H

#include <stdbool.h>
#include <stdio.h>

#include "data/record.h"

/*
 * The leak matrix (suites/checks/traffic/leak.c), whose evidence is one text:
 *
 *   {"listeners":["VF 0",...],"rows":[{"vlans":..,"from":..,"to":..,"heard":"-.hLM."},...]}
 *
 * with one letter per listener: '-' the sender itself, '.' silent, 'h' heard as it may be, 'L' a
 * leak, 'M' missing.
 */

/* Draws FACT as a table. Returns false for other evidence and for text that is no matrix. */
bool heatmap_print(const struct record *fact, FILE *out);

#endif

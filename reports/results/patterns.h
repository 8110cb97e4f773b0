/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_RESULTS_PATTERNS_H
#define REPORTS_RESULTS_PATTERNS_H

#include <stdbool.h>

/* Whether TEXT matches PATTERNS: shell patterns separated by spaces, of which the last match
 * decides. A pattern that begins with '!' excludes what it matches. */
bool patterns_match(const char *patterns, const char *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include <time.h>

/* Moments in UTC, as files hold them: "2026-11-26T23:00:00Z". Two such texts compare as their moments do. */

#define TIMESTAMP_SIZE 21 /* with the zero */

/* Returns TEXT. */
const char *timestamp_format(time_t moment, char text[TIMESTAMP_SIZE]);

/* -EINVAL where TEXT is anything else. */
int timestamp_parse(const char *text, time_t *moment);

#endif

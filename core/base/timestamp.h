/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include <time.h>

/* Times in UTC, as files hold them: "2026-11-26T23:00:00Z". These texts sort in order of time. */

#define TIMESTAMP_SIZE 21 /* with its terminating zero */

/* Returns TEXT. */
const char *timestamp_format(time_t moment, char text[TIMESTAMP_SIZE]);

/* -EINVAL: TEXT has another form. */
int timestamp_parse(const char *text, time_t *moment);

#endif

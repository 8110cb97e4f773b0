/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_BOOL_H
#define BASE_BOOL_H

#include <stdbool.h>

/* Parses systemd's words for true and false: yes and no, true and false, on and off, 1 and 0, y
 * and n, t and f, in any case. -EINVAL for anything else; *VALUE is then unchanged. */
int bool_parse(const char *text, bool *value);

#endif

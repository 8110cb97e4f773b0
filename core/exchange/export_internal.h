/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXCHANGE_EXPORT_INTERNAL_H
#define EXCHANGE_EXPORT_INTERNAL_H

#include "exchange/export.h"

/* A new format is a file with its struct, and a line here and in export.c. */
extern const struct export_format export_systemd_link;
extern const struct export_format export_libvirt_network;
extern const struct export_format export_nmstate;
extern const struct export_format export_netplan;

/* Adds what the other tool cannot express. */
void export_left(struct string_set *left, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* Writes TEXT as a value of YAML, in quotes. What cannot be in a file (control characters, what is not
 * UTF-8) is replaced; export_can_quote() says whether there is none. */
bool export_can_quote(const char *text);
void export_quote(const char *text, FILE *out);

#endif

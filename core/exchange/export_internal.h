/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXCHANGE_EXPORT_INTERNAL_H
#define EXCHANGE_EXPORT_INTERNAL_H

#include "exchange/export.h"

/* To add a format, write a file with its struct, and add a line here and in export.c. */
extern const struct export_format export_vfctl;
extern const struct export_format export_systemd_link;
extern const struct export_format export_libvirt_network;
extern const struct export_format export_nmstate;
extern const struct export_format export_netplan;

/* Adds what the other tool cannot express. */
void export_left(struct string_set *left, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* Writes TEXT as a quoted YAML value. Replaces what cannot be in a file (control characters,
 * bytes that are not UTF-8); export_can_quote() says whether TEXT has none of these, and no "{{",
 * which readers take for a template. */
bool export_can_quote(const char *text);
void export_quote(const char *text, FILE *out);

#endif

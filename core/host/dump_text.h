/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_DUMP_TEXT_H
#define HOST_DUMP_TEXT_H

#include <stddef.h>

#include "base/bdf.h"
#include "base/err.h"

/*
 * The output of lspci -x, -xxx or -xxxx, alone or with -v, -P or -PP, in a strict form: a line
 * "0000:01:00.0 -" for each function, then its whole configuration space of 64, 256 or 4,096 bytes,
 * 16 to a line. Lines missing in the source are filled with zeros; one that is cut off
 * is an error. The source may be quoted mail
 * ("> 00: 86 80"), indented, or have a byte order mark or Windows line ends.
 *
 * In a dump, libpci reads no domain of more than five digits. The strict text therefore numbers
 * domains from 0 in the order of their first function: the domain of functions[i] is
 * in_text[i].domain there.
 */
struct dump_text {
	char *text;
	size_t length;
	struct bdf *functions; /* in the order of the file */
	struct bdf *in_text;   /* the same, as in the text */
	size_t count;
};

/* Errors name file and line: a function that appears twice, invalid bytes, a line of
 * less than 16 bytes, UTF-16, a file without any function. */
int dump_text_load(const char *path, struct dump_text *dump, struct err *err);
void cleanup_dump_text(struct dump_text *dump);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_DUMP_TEXT_H
#define HOST_DUMP_TEXT_H

#include <stddef.h>

#include "base/bdf.h"
#include "base/err.h"

/*
 * The text of lspci -x, -xxx or -xxxx, alone or with -v, -P or -PP, made strict: a line
 * "0000:01:00.0 -" for each function, then its whole configuration space of 64, 256 or 4,096 bytes,
 * 16 to a line. Lines that the source leaves out between others are zero. The source may be quoted
 * mail ("> 00: 86 80"), indented, with a byte order mark, or with Windows' line ends.
 *
 * libpci reads no domain of more than five digits in a dump. In the text, domains are therefore
 * numbered from 0 in the order of their first function: the domain of functions[i] is there
 * in_text[i].domain.
 */
struct dump_text {
	char *text;
	size_t length;
	struct bdf *functions; /* in the order of the file */
	struct bdf *in_text;   /* the same, as the text has them */
	size_t count;
};

/* Errors name file and line: a function that stands there twice, bytes that are none, UTF-16, a file without any function. */
int dump_text_load(const char *path, struct dump_text *dump, struct err *err);
void cleanup_dump_text(struct dump_text *dump);

#endif

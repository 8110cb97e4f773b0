/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_XML_WRITER_H
#define DATA_XML_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/*
 * Writes XML for other programs, one element per line, indented by two. Names are the program's
 * own; values may be anything. A value that could not be read back as the same, or that would read
 * as something else to people (see escape_is_exact() in base/escape.h), is left out, and
 * xml_writer_finish() then returns the error.
 */
enum { XML_WRITER_DEPTH = 8 };

struct xml_writer {
	FILE *out;
	const char *open[XML_WRITER_DEPTH];
	size_t depth;
	bool in_tag, in_text; /* the tag is not closed yet; the element has text */
	struct err err;
};

#define XML_WRITER(out_) ((struct xml_writer){ .out = (out_) })

/* xml_begin() opens an element within the one that is open; xml_put() gives it an attribute,
 * xml_put_text() its text. xml_end() closes it. */
void xml_begin(struct xml_writer *writer, const char *name);
void xml_put(struct xml_writer *writer, const char *attribute, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
void xml_put_text(struct xml_writer *writer, const char *text);
void xml_end(struct xml_writer *writer);

/* -EINVAL: a value cannot be written. */
int xml_writer_finish(const struct xml_writer *writer, struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_XML_H
#define DATA_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Reads XML of other programs into a tree. No other code uses the XML library. Refuses, with the
 * position, a document type (and so every entity but the five of XML itself), and more than 4 MiB,
 * 64 levels, or 100,000 elements and attributes. Namespaces are not resolved: "nova:flavor" is a
 * name like another. Comments and processing instructions are skipped; CDATA is text.
 */
struct xml_attribute {
	char *name, *value;
};

struct xml {
	char *name;
	char *text; /* of the element itself, without that of its children; NULL: none but spaces */
	unsigned line, column; /* counted from 1 */
	size_t attribute_count, count;
	struct xml_attribute *attributes;
	struct xml **children; /* in order */
};

/* FILE names the text in errors: FILE:LINE:COLUMN: what. The caller passes the root element to
 * xml_free(). -EINVAL, -EFBIG. */
int xml_parse(const char *file, const char *text, size_t length, struct xml **root,
		struct err *err);
void xml_free(struct xml *element);
void cleanup_xml(struct xml **element);

/* All accept NULL, for which they return NULL or false. */
bool xml_is(const struct xml *element, const char *name);
const struct xml *xml_child(const struct xml *element, const char *name); /* the first, or NULL */

/* The first element on a path of names, "source/address", or NULL. */
const struct xml *xml_path(const struct xml *element, const char *path);
const char *xml_attribute(const struct xml *element, const char *name); /* NULL: it has none */
const char *xml_text(const struct xml *element);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_YAML_H
#define DATA_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * YAML files of others, to be read once. This is the only face of the YAML library. What makes YAML
 * dangerous or ambiguous is refused, with its place: anchors, aliases, tags, keys that are no plain
 * text or come twice, and more than 1 MiB, 32 levels, or 20,000 values.
 */
enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	unsigned line, column; /* from 1 */
	char *key;             /* in a map, else NULL */
	char *text;            /* of a NODE_TEXT */
	bool quoted;           /* text that stands for itself, whatever it looks like */
	size_t count;
	struct node **items; /* of a list or map, in their order */
};

/* FILE names the text in errors: FILE:LINE:COLUMN: what. The root is the list of the file's
 * documents, for node_free(). */
int node_parse(const char *file, const char *text, size_t length, struct node **root,
		struct err *err);
void node_free(struct node *node);
void cleanup_node(struct node **node);

/* All accept NULL and other kinds, and give NULL then. */
const struct node *node_get(const struct node *map, const char *key);
const char *node_text(const struct node *node); /* NULL also for an unquoted null, ~, or nothing */

#endif

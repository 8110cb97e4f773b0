/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_YAML_H
#define DATA_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Reads YAML files of other tools. No other code uses the YAML library. Refuses, with the position,
 * what makes YAML dangerous or ambiguous: anchors, aliases, tags, keys that are not plain text or
 * are repeated, and more than 1 MiB, 32 levels, or 20,000 values.
 */
enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	unsigned line, column; /* counted from 1 */
	char *key;             /* key in a map, else NULL */
	char *text;            /* value of a NODE_TEXT */
	bool quoted;           /* always text, even if it looks like another type */
	size_t count;
	struct node **items; /* items of a list or values of a map, in order */
};

/* FILE names the text in errors: FILE:LINE:COLUMN: what. The root is the list of the documents
 * in the file; the caller passes it to node_free(). */
int node_parse(const char *file, const char *text, size_t length, struct node **root,
		struct err *err);
void node_free(struct node *node);
void cleanup_node(struct node **node);

/* All accept NULL and other kinds of node, for which they return NULL. */
const struct node *node_get(const struct node *map, const char *key);
const char *node_text(const struct node *node); /* NULL also for an unquoted null, ~, or nothing */

#endif

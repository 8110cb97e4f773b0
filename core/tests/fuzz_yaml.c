/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "data/yaml.h"
#include "tests/fuzz.h"

/* Every value has a position, the values of a map have keys that node_get() finds, and no tree
 * is deeper than the limit. */
static void check(const struct node *node, int depth)
{
	if (depth > 33 || !node->line || !node->column || (node->kind == NODE_TEXT) != !!node->text)
		abort();
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = node->items[i];

		if ((node->kind == NODE_MAP) != !!item->key ||
				(item->key && node_get(node, item->key) != item))
			abort();
		check(item, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *root = NULL;
	struct err err = { 0 };

	if (node_parse("f", (const char *)data, size, &root, &err) < 0) {
		if (root || (strncmp(err.msg, "f:", 2) != 0))
			abort();
		return 0;
	}
	check(root, 0);
	node_free(root);
	return 0;
}

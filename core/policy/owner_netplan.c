/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/yaml.h"
#include "policy/owner_parts.h"

/*
 * netplan(5). A definition's id is the name of its interface, unless it has a match; what several
 * files say of one id adds up, and the later file wins. A definition with a link is a VF of the one
 * that it links to, which netplan makes even where no virtual-function-count asks for it.
 *
 *   network:
 *     ethernets:
 *       lan:
 *         match: {macaddress: 52:54:00:00:00:02}
 *         virtual-function-count: 4
 *       guest: {link: lan}
 */

struct said_in {
	const char *file;
	const struct node *node; /* NULL: it is not said */
};

struct definition {
	const char *id;
	const struct node *match, *mac, *name, *driver, *set_name;
	struct said_in count, link;
};

struct definitions_of {
	size_t count;
	struct definition *items;
};

static struct definition *find(struct definitions_of *all, const char *id)
{
	for (size_t i = 0; i < all->count; i++) {
		if (!strcmp(all->items[i].id, id))
			return &all->items[i];
	}
	all->items = reallocarray(all->items, all->count + 1, sizeof(*all->items));
	if (!all->items)
		abort();
	all->items[all->count] = (struct definition){ .id = id };
	return &all->items[all->count++];
}

static void take(const struct node **kept, const struct node *map, const char *key)
{
	const struct node *found = node_get(map, key);

	*kept = found ? found : *kept;
}

static void take_said(
		struct said_in *said, const char *file, const struct node *map, const char *key)
{
	const struct node *found = node_get(map, key);

	if (found)
		*said = (struct said_in){ file, found };
}

static void take_definition(struct definitions_of *all, const char *file, const struct node *node)
{
	struct definition *definition = find(all, node->key);

	take(&definition->match, node, "match");
	take(&definition->mac, node_get(node, "match"), "macaddress");
	take(&definition->name, node_get(node, "match"), "name");
	take(&definition->driver, node_get(node, "match"), "driver");
	take(&definition->set_name, node, "set-name");
	take_said(&definition->count, file, node, "virtual-function-count");
	take_said(&definition->link, file, node, "link");
}

/* ROOT is the list of FILE's documents. */
static void take_file(struct definitions_of *all, const char *file, const struct node *root)
{
	for (size_t i = 0; root && i < root->count; i++) {
		const struct node *ethernets =
				node_get(node_get(root->items[i], "network"), "ethernets");

		for (size_t k = 0; ethernets && ethernets->kind == NODE_MAP && k < ethernets->count;
				k++)
			take_definition(all, file, ethernets->items[k]);
	}
}

/* NODE is a pattern or a list of them, or NULL, which asks for nothing. */
static bool fits(const struct node *node, const char *value)
{
	const char *text = node_text(node);

	if (!node || node->kind != NODE_LIST)
		return !text || owner_list_has(text, " ", value);
	for (size_t i = 0; i < node->count; i++) {
		if (fits(node->items[i], value))
			return true;
	}
	return !node->count;
}

static bool is_for(const struct definition *definition, const struct card_names *names)
{
	const char *set_name = node_text(definition->set_name);

	if (!definition->match)
		return !strcmp(definition->id, names->netdev);
	return fits(definition->mac, names->permanent_mac) &&
			fits(definition->driver, names->driver) &&
			(fits(definition->name, names->netdev) ||
					(set_name && !strcmp(set_name, names->netdev)));
}

static void tell(const struct definitions_of *all, const struct definition *definition,
		struct diagnostics *owners)
{
	const struct said_in *count = &definition->count;

	if (count->node) {
		diagnostic_add(owners, "%s:%u: netplan makes %s VFs of it", count->file,
				count->node->line,
				node_text(count->node) ? node_text(count->node) : "");
		return;
	}
	for (size_t i = 0; i < all->count; i++) {
		const struct said_in *link = &all->items[i].link;
		const char *to = node_text(link->node);

		if (!to || strcmp(to, definition->id) != 0)
			continue;
		diagnostic_add(owners, "%s:%u: netplan makes a VF of it, %s", link->file,
				link->node->line, all->items[i].id);
		return;
	}
}

/* What is not taken as YAML (a tag, an anchor, an error) may say anything. */
static void tell_of_unread(
		const struct owner_text *text, const struct err *err, struct diagnostics *owners)
{
	if (strstr(text->text, "virtual-function-count"))
		diagnostic_add(owners, "%s (and netplan may make VFs of it there)", err->msg);
}

void owner_of_netplan(const struct owner_texts *texts, const struct card_names *names,
		struct diagnostics *owners)
{
	struct node **roots = calloc(texts->count + 1, sizeof(*roots));
	struct definitions_of all = { 0 };

	if (!roots)
		abort();
	for (size_t i = 0; i < texts->count; i++) {
		const struct owner_text *text = &texts->items[i];
		struct err err = { 0 };

		if (node_parse(text->file, text->text, strlen(text->text), &roots[i], &err) < 0)
			tell_of_unread(text, &err, owners);
		take_file(&all, text->file, roots[i]);
	}
	for (size_t i = 0; i < all.count; i++) {
		if (is_for(&all.items[i], names))
			tell(&all, &all.items[i], owners);
	}
	for (size_t i = 0; i < texts->count; i++)
		node_free(roots[i]);
	free(roots);
	free(all.items);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bool.h"
#include "base/cleanup.h"
#include "data/yaml.h"
#include "managers/other_manager_internal.h"

/*
 * netplan(5). The id of a definition is the name of its interface, unless the definition has a match.
 * Definitions of one id in several files are merged, and the later file wins. A definition with a
 * link is a VF of the definition that it links to; netplan creates it even without a
 * virtual-function-count.
 *
 *   network:
 *     ethernets:
 *       lan:
 *         match: {macaddress: 52:54:00:00:00:02}
 *         virtual-function-count: 4
 *       guest: {link: lan}
 */

struct statement {
	const char *file;
	const struct node *node; /* or NULL */
};

struct netplan_definition {
	const char *id;
	const struct node *match, *mac, *name, *driver, *set_name;
	struct statement count, link, eswitch;
};

struct netplan_definitions {
	size_t count;
	struct netplan_definition *items;
};

static struct netplan_definition *find(struct netplan_definitions *all, const char *id)
{
	for (size_t i = 0; i < all->count; i++) {
		if (!strcmp(all->items[i].id, id))
			return &all->items[i];
	}
	all->items = reallocarray(all->items, all->count + 1, sizeof(*all->items));
	if (!all->items)
		abort();
	all->items[all->count] = (struct netplan_definition){ .id = id };
	return &all->items[all->count++];
}

static void override(const struct node **kept, const struct node *map, const char *key)
{
	const struct node *found = node_get(map, key);

	*kept = found ? found : *kept;
}

static void take_statement(
		struct statement *said, const char *file, const struct node *map, const char *key)
{
	const struct node *found = node_get(map, key);

	if (found)
		*said = (struct statement){ file, found };
}

static bool is_true(const struct node *node)
{
	const char *text = node_text(node);
	bool value;

	return text && !bool_parse(text, &value) && value;
}

static void merge_definition(
		struct netplan_definitions *all, const char *file, const struct node *node)
{
	struct netplan_definition *definition = find(all, node->key);

	override(&definition->match, node, "match");
	override(&definition->mac, node_get(node, "match"), "macaddress");
	override(&definition->name, node_get(node, "match"), "name");
	override(&definition->driver, node_get(node, "match"), "driver");
	override(&definition->set_name, node, "set-name");
	take_statement(&definition->count, file, node, "virtual-function-count");
	take_statement(&definition->link, file, node, "link");
	take_statement(&definition->eswitch, file, node, "embedded-switch-mode");
	if (!definition->eswitch.node && is_true(node_get(node, "delay-virtual-functions-rebind")))
		take_statement(&definition->eswitch, file, node, "delay-virtual-functions-rebind");
}

/* ROOT is the list of the documents in FILE. */
static void merge_file(struct netplan_definitions *all, const char *file, const struct node *root)
{
	for (size_t i = 0; root && i < root->count; i++) {
		const struct node *ethernets =
				node_get(node_get(root->items[i], "network"), "ethernets");

		for (size_t k = 0; ethernets && ethernets->kind == NODE_MAP && k < ethernets->count;
				k++)
			merge_definition(all, file, ethernets->items[k]);
	}
}

/* NODE is a pattern, a list of patterns, or NULL, which matches every value. */
static bool fits(const struct node *node, const char *value)
{
	const char *text = node_text(node);

	if (!node || node->kind != NODE_LIST)
		return !text || pattern_list_matches(text, " ", value);
	for (size_t i = 0; i < node->count; i++) {
		if (fits(node->items[i], value))
			return true;
	}
	return !node->count;
}

static bool is_for(const struct netplan_definition *definition, const struct card_names *names)
{
	const char *set_name = node_text(definition->set_name);

	if (!definition->match)
		return !strcmp(definition->id, names->netdev);
	return fits(definition->mac, names->permanent_mac) &&
			fits(definition->driver, names->driver) &&
			(fits(definition->name, names->netdev) ||
					(set_name && !strcmp(set_name, names->netdev)));
}

static void report(const struct netplan_definitions *all,
		const struct netplan_definition *definition, struct diagnostics *managers)
{
	const struct statement *count = &definition->count;

	if (count->node) {
		diagnostic_add(managers, "%s:%u: netplan makes %s VFs of it", count->file,
				count->node->line,
				node_text(count->node) ? node_text(count->node) : "");
		return;
	}
	for (size_t i = 0; i < all->count; i++) {
		const struct statement *link = &all->items[i].link;
		const char *to = node_text(link->node);

		if (!to || strcmp(to, definition->id) != 0)
			continue;
		diagnostic_add(managers, "%s:%u: netplan makes a VF of it, %s", link->file,
				link->node->line, all->items[i].id);
		return;
	}
	/* netplan unbinds the drivers of the VFs and rebinds them to change the mode of the
	 * switch. */
	if (definition->eswitch.node)
		diagnostic_add(managers, "%s:%u: netplan sets %s of it, and rebinds its VFs",
				definition->eswitch.file, definition->eswitch.node->line,
				definition->eswitch.node->key);
}

/* A file that the YAML reader rejects (a tag, an anchor, an error) may contain anything. */
static void report_unreadable(const struct manager_file *text, const struct err *err,
		struct diagnostics *managers)
{
	if (strstr(text->text, "virtual-function") || strstr(text->text, "embedded-switch-mode"))
		diagnostic_add(managers, "%s (and netplan may make VFs of it there)", err->msg);
}

void find_netplan_files(const struct manager_files *texts, const struct card_names *names,
		struct diagnostics *managers)
{
	struct node **roots = calloc(texts->count + 1, sizeof(*roots));
	struct netplan_definitions all = { 0 };

	if (!roots)
		abort();
	for (size_t i = 0; i < texts->count; i++) {
		const struct manager_file *text = &texts->items[i];
		struct err err = { 0 };

		if (node_parse(text->file, text->text, strlen(text->text), &roots[i], &err) < 0)
			report_unreadable(text, &err, managers);
		merge_file(&all, text->file, roots[i]);
	}
	for (size_t i = 0; i < all.count; i++) {
		if (is_for(&all.items[i], names))
			report(&all, &all.items[i], managers);
	}
	for (size_t i = 0; i < texts->count; i++)
		node_free(roots[i]);
	free(roots);
	free(all.items);
}

void scan_netplan(const struct manager_scan *scan)
{
	static const char *const folders[] = { "run/netplan", "etc/netplan", "usr/lib/netplan",
		"lib/netplan", NULL };
	CLEANUP(manager_files_free) struct manager_files files = { 0 };

	manager_files_read(scan, folders, "", ".yaml", &files);
	find_netplan_files(&files, scan->names, scan->managers);
}

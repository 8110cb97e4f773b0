/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "policy/import_internal.h"
#include "policy/select_pf.h"

/* Functions with which all formats build their cards. */

enum { CARDS_MOST = 256 };

static void report(const struct import *import, struct diagnostics *diagnostics,
		const struct node *node, const char *format, va_list args)
{
	CLEANUP(cleanup_free) char *what = NULL;

	if (vasprintf(&what, format, args) < 0)
		abort();
	diagnostic_add(diagnostics, "%s:%u:%u: %s", import->file, node ? node->line : 1,
			node ? node->column : 1, what);
}

void import_wrong(struct import *import, const struct node *node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(import, &import->wrong, node, format, args);
	va_end(args);
}

void import_left(struct import *import, const struct node *node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(import, &import->left, node, format, args);
	va_end(args);
}

/* Names the policy file after what identifies the card first. */
static char *file_for(const struct pf_selector *selector)
{
	struct pf_selector by = *selector;
	char text[200], *name = text, *end;

	/* An interface name suits people best, unless the file identifies the card more exactly. */
	by.by_device = by.by_port = by.by_device && !by.by_name;
	pf_selector_text(&by, text, sizeof(text));
	name += strcspn(text, "=") + !!strchr(text, '=');
	end = name + strcspn(name, " ");
	*end = '\0';
	for (char *c = name; *c; c++)
		*c = strchr(":/", *c) ? '-' : *c;
	return text_format("%s.conf", name);
}

static bool is_taken(const struct desired_set *set, const char *file)
{
	for (size_t i = 0; i < set->count; i++) {
		if (!strcmp(set->items[i].file, file))
			return true;
	}
	return false;
}

/* The same, unique among the cards. */
static char *free_file_for(const struct desired_set *set, const struct pf_selector *selector)
{
	char *file = file_for(selector);
	size_t stem = strlen(file) - strlen(".conf");

	for (unsigned number = 2; is_taken(set, file); number++) {
		char *other = text_format("%.*s-%u.conf", (int)stem, file, number);

		free(file);
		file = other;
		stem = strrchr(file, '-') - file;
	}
	return file;
}

static bool is_same_card(const struct pf_selector *a, const struct pf_selector *b)
{
	char text[200], other[200];

	if (a->by_device && b->by_device && (a->vendor != b->vendor || a->device != b->device))
		return false;
	if (a->by_path || b->by_path)
		return a->by_path && b->by_path && bdf_equal(a->path, b->path);
	if (a->by_mac || b->by_mac)
		return a->by_mac && b->by_mac && mac_equal(a->mac, b->mac);
	if (a->by_name || b->by_name)
		return a->by_name && b->by_name && !strcmp(a->name, b->name);
	return !strcmp(pf_selector_text(a, text, sizeof(text)),
			pf_selector_text(b, other, sizeof(other)));
}

struct desired *import_card(struct import *import, const struct pf_selector *selector)
{
	struct desired_set *set = &import->set;

	for (size_t i = 0; i < set->count; i++) {
		struct pf_selector *known = &set->items[i].selector;

		if (!is_same_card(known, selector))
			continue;
		if (selector->by_device) {
			known->by_device = true;
			known->vendor = selector->vendor;
			known->device = selector->device;
		}
		return &set->items[i];
	}
	if (set->count == CARDS_MOST) {
		import_wrong(import, NULL, "more than %d cards", CARDS_MOST);
		return &set->items[0];
	}
	set->items = reallocarray(set->items, set->count + 1, sizeof(*set->items));
	if (!set->items)
		abort();
	set->items[set->count] = (struct desired){ .file = free_file_for(set, selector),
		.selector = *selector };
	return &set->items[set->count++];
}

/* Null and an empty text mean "not given" in all of these formats. */
static bool is_not_given(const struct node *node)
{
	return !node || (node->kind == NODE_TEXT && (!node_text(node) || !*node_text(node)));
}

static void complain(struct import *import, const struct node *node, const char *takes)
{
	const char *key = node->key ? node->key : "this entry", *text = node_text(node);

	if (node->kind != NODE_TEXT || !*takes)
		import_wrong(import, node, "%s takes one value", key);
	else
		import_wrong(import, node, "%s takes %s, not '%s'", key, takes, text);
}

void import_set(struct import *import, struct desired *desired, const char *section,
		const char *key, const struct node *node)
{
	const char *text = node_text(node), *takes = "";

	if (!is_not_given(node) && (!text || desired_set(desired, section, key, text, &takes) < 0))
		complain(import, node, takes);
}

void import_set_vf(struct import *import, struct desired *desired, unsigned index, const char *key,
		const struct node *node)
{
	const char *text = node_text(node), *takes = "";

	if (!is_not_given(node) && (!text || desired_set_vf(desired, index, key, text, &takes) < 0))
		complain(import, node, takes);
}

void import_check_keys(struct import *import, const struct node *map, const char *const known[])
{
	for (size_t i = 0; i < map->count; i++) {
		const struct node *node = map->items[i];
		size_t k = 0;

		while (known[k] && strcmp(known[k], node->key) != 0)
			k++;
		if (!known[k])
			import_left(import, node, "%s is not for a policy file", node->key);
	}
}

void import_check_usual(
		struct import *import, const struct node *map, const struct import_usual *usual)
{
	for (; usual->key; usual++) {
		const struct node *node = node_get(map, usual->key);
		const char *text = node_text(node);

		if (!is_not_given(node) && (!text || strcasecmp(text, usual->usual) != 0))
			import_left(import, node, "%s %.40s is not for a policy file", usual->key,
					text ? text : "");
	}
}

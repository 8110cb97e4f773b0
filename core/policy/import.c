/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "policy/import_internal.h"
#include "policy/select_pf.h"

enum { CARDS_MOST = 256 };

const char *const import_formats[IMPORT_COUNT] = {
	[IMPORT_NODE_POLICY] = "sriov-network-node-policy",
	[IMPORT_NMSTATE] = "nmstate",
	[IMPORT_SYSTEMD_LINK] = "systemd-link",
};

static void tell(const struct import *import, struct diagnostics *diagnostics,
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
	tell(import, &import->wrong, node, format, args);
	va_end(args);
}

void import_left(struct import *import, const struct node *node, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(import, &import->left, node, format, args);
	va_end(args);
}

/* A name for the policy file, from what the card is known by first. */
static char *file_for(const struct pf_selector *selector)
{
	struct pf_selector by = *selector;
	char text[200], *name = text, *end;

	/* Of names for people an interface's is the best, unless more is known. */
	by.by_device = by.by_port = by.by_device && !by.by_name;
	pf_selector_text(&by, text, sizeof(text));
	name += strcspn(text, "=") + !!strchr(text, '=');
	end = name + strcspn(name, " ");
	*end = '\0';
	for (char *c = name; *c; c++)
		*c = strchr(":/", *c) ? '-' : *c;
	return file_path("%s.conf", name);
}

struct desired *import_card(struct import *import, const struct pf_selector *selector)
{
	char wanted[200], here[200];
	struct desired_set *set = &import->set;

	pf_selector_text(selector, wanted, sizeof(wanted));
	for (size_t i = 0; i < set->count; i++) {
		if (!strcmp(pf_selector_text(&set->items[i].selector, here, sizeof(here)), wanted))
			return &set->items[i];
	}
	if (set->count == CARDS_MOST) {
		import_wrong(import, NULL, "more than %d cards", CARDS_MOST);
		return &set->items[0];
	}
	set->items = reallocarray(set->items, set->count + 1, sizeof(*set->items));
	if (!set->items)
		abort();
	set->items[set->count] =
			(struct desired){ .file = file_for(selector), .selector = *selector };
	return &set->items[set->count++];
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

	if (node && (!text || !*text || desired_set(desired, section, key, text, &takes) < 0))
		complain(import, node, takes);
}

void import_set_vf(struct import *import, struct desired *desired, unsigned index, const char *key,
		const struct node *node)
{
	const char *text = node_text(node), *takes = "";

	if (node && (!text || !*text || desired_set_vf(desired, index, key, text, &takes) < 0))
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

/* What each setting alone does not show: the result is read as it will be. */
static void check_result(struct import *import)
{
	for (size_t i = 0; i < import->set.count; i++) {
		const struct desired *desired = &import->set.items[i];
		CLEANUP(cleanup_free) char *text = desired_print(desired);
		CLEANUP(cleanup_desired) struct desired_set again = { 0 };
		CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };

		desired_parse(desired->file, text, &again, &diagnostics);
		for (size_t k = 0; k < diagnostics.count; k++) {
			/* Without FILE:LINE:COLUMN, which are of a text that nobody has seen. */
			const char *what = diagnostics.lines[k];

			for (int colons = 0; *what && colons < 3; what++)
				colons += *what == ':';
			import_wrong(import, NULL, "card %s:%s", desired->file, what);
		}
	}
}

static int read_yaml(enum import_format format, const char *text, size_t length,
		struct import *import, struct err *err)
{
	CLEANUP(cleanup_node) struct node *documents = NULL;
	int rc = node_parse(import->file, text, length, &documents, err);

	if (rc < 0)
		return rc;
	if (format == IMPORT_NODE_POLICY)
		import_node_policies(import, documents);
	else
		import_nmstate(import, documents);
	return 0;
}

int import_read(enum import_format format, const char *file, const char *text, size_t length,
		struct import *import, struct err *err)
{
	CLEANUP(cleanup_ini) struct ini *ini = NULL;
	int rc = 0;

	*import = (struct import){ .file = file };
	if (format != IMPORT_SYSTEMD_LINK) {
		rc = read_yaml(format, text, length, import, err);
	} else {
		if (strlen(text) != length)
			return err_set(err, EINVAL, "%s: no text: it holds a zero byte", file);
		ini = ini_parse_all(file, text, &import->wrong);
		import_systemd_link(import, ini);
	}
	if (rc < 0)
		return rc;
	if (!import->wrong.count)
		check_result(import);
	if (!import->wrong.count && !import->set.count)
		import_wrong(import, NULL, "nothing in it is about the VFs of a card");
	return import->wrong.count ? err_set(err, EINVAL, "%.300s", import->wrong.lines[0]) : 0;
}

void cleanup_import(struct import *import)
{
	desired_free(&import->set);
	diagnostics_free(&import->wrong);
	diagnostics_free(&import->left);
}

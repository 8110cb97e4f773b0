/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/string_set.h"
#include "base/text.h"
#include "policy/import_internal.h"

/*
 * A Kubernetes object is for the nodes that have all labels of its nodeSelector. Each node is a
 * separate host with its own cards, so objects for different nodes must not end up in one policy
 * file.
 */

static const char host_label[] = "kubernetes.io/hostname";

struct label {
	const char *key, *value;
};

/* The argument of --node: "worker-1", "role=big,rack=3", or both. */
struct labels {
	char *copy;
	size_t count;
	struct label *items;
	bool all; /* the node has no other labels */
};

static void labels_parse(const char *text, struct labels *labels)
{
	char *rest, *word;

	*labels = (struct labels){ .copy = text_format("%s", text ? text : "") };
	rest = labels->copy;
	labels->items = calloc(strlen(rest) + 1, sizeof(*labels->items));
	if (!labels->items)
		abort();
	while ((word = strsep(&rest, ", "))) {
		char *equals = strchr(word, '=');

		if (!*word)
			continue;
		labels->all |= !!equals;
		if (equals)
			*equals++ = '\0';
		labels->items[labels->count++] = equals ? (struct label){ word, equals }
							: (struct label){ host_label, word };
	}
}

static void cleanup_labels(struct labels *labels)
{
	free(labels->items);
	free(labels->copy);
}

static const char *label_value(const struct labels *labels, const char *key)
{
	for (size_t i = 0; i < labels->count; i++) {
		if (!strcmp(labels->items[i].key, key))
			return labels->items[i].value;
	}
	return NULL;
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds to UNKNOWN a label that the node must have and --node does not mention. False: the node
 * does not have the label. */
static bool check_label(const struct labels *labels, const char *key, const char *value,
		struct string_set *unknown)
{
	const char *has = label_value(labels, key);
	CLEANUP(cleanup_free) char *text = NULL;

	if (has || labels->all)
		return has && !strcmp(has, value);
	text = text_format("%s=%s", key, value);
	string_set_add(unknown, text);
	return true;
}

/* The same for all labels of TARGET. OPEN is "role=big,rack=3", or "" if none is unknown. */
static bool check_target(
		const struct labels *labels, const struct import_target *target, char **open)
{
	const struct node *wanted = target->labels;
	struct string_set unknown = { 0 };
	bool fits = true;

	if (target->name)
		fits = check_label(labels, host_label, target->name, &unknown);
	for (size_t i = 0; wanted && wanted->kind == NODE_MAP && i < wanted->count; i++) {
		const char *value = node_text(wanted->items[i]);

		fits &= check_label(labels, wanted->items[i]->key, value ? value : "", &unknown);
	}
	if (unknown.count)
		qsort(unknown.list, unknown.count, sizeof(*unknown.list), compare_text);
	*open = string_set_join(&unknown, ",");
	string_set_free(&unknown);
	return fits;
}

/* Returns "worker-1" for its label, since --node accepts that too. */
static const char *shorten(const char *open)
{
	size_t length = strlen(host_label);

	return !strncmp(open, host_label, length) && open[length] == '=' && !strchr(open, ',')
			? open + length + 1
			: open;
}

static void refuse_several(
		struct import *import, const struct import_target *target, const char *open)
{
	const char *node = import->node;

	if (!*open)
		import_wrong(import, target->place,
				"this is for all nodes, and other parts of the file are not: choose a "
				"node with --node, by its name or its labels");
	else
		import_wrong(import, target->place,
				"this is for nodes with %s, and other parts of the file are for other "
				"nodes: choose a node with --node, such as --node %s%s%s",
				open, node ? node : "", node ? "," : "", shorten(open));
}

/* Only parts for the same nodes are chosen. */
static bool are_same(struct import *import, const struct import_targets *targets, char *const *open)
{
	struct string_set seen = { 0 };
	size_t first = targets->count;
	bool same;

	for (size_t i = 0; i < targets->count; i++) {
		if (!targets->items[i].chosen || string_set_has(&seen, open[i]))
			continue;
		string_set_add(&seen, open[i]);
		if (first == targets->count)
			first = i;
		else if (seen.count == 2)
			refuse_several(import, &targets->items[first], open[first]);
		if (seen.count > 1)
			refuse_several(import, &targets->items[i], open[i]);
	}
	if (!seen.count && targets->count)
		import_wrong(import, NULL, "nothing in it is for the node %s", import->node);
	same = seen.count == 1;
	string_set_free(&seen);
	return same;
}

void import_choose(struct import *import, struct import_targets *targets)
{
	CLEANUP(cleanup_labels) struct labels labels = { 0 };
	char **open = calloc(targets->count + 1, sizeof(*open));
	bool same;

	if (!open)
		abort();
	labels_parse(import->node, &labels);
	for (size_t i = 0; i < targets->count; i++) {
		struct import_target *target = &targets->items[i];

		target->chosen = check_target(&labels, target, &open[i]);
		if (!target->chosen && target->name)
			import_left(import, target->place, "this is for the node %s, not for %s",
					target->name, import->node);
		else if (!target->chosen)
			import_left(import, target->place, "this is for other nodes than %s",
					import->node);
	}
	same = are_same(import, targets, open);
	for (size_t i = 0; i < targets->count; i++) {
		targets->items[i].chosen &= same;
		free(open[i]);
	}
	free(open);
}

void import_target_add(struct import_targets *targets, struct import_target target)
{
	targets->items = reallocarray(targets->items, targets->count + 1, sizeof(*targets->items));
	if (!targets->items)
		abort();
	targets->items[targets->count++] = target;
}

void cleanup_import_targets(struct import_targets *targets)
{
	free(targets->items);
}

static bool has_kind(const struct import_format *format, const char *kind)
{
	for (size_t i = 0; format->kinds && format->kinds[i]; i++) {
		if (!strcmp(format->kinds[i], kind))
			return true;
	}
	return false;
}

bool import_leave_kind(struct import *import, const struct node *object,
		const struct import_format *except)
{
	const struct node *kind = node_get(object, "kind");
	const struct import_format *format;

	for (size_t i = 0; (format = import_format_at(i)); i++) {
		if (format == except || !node_text(kind) || !has_kind(format, node_text(kind)))
			continue;
		import_left(import, kind, "%s: import it with --from %s", node_text(kind),
				format->name);
		return true;
	}
	return false;
}

void import_collect(struct import *import, const struct node *documents,
		const struct import_format *format, struct import_targets *targets)
{
	for (size_t i = 0; i < documents->count; i++) {
		const struct node *object = documents->items[i], *items = node_get(object, "items");
		const char *kind = node_text(node_get(object, "kind"));

		if (items && items->kind == NODE_LIST) /* a List, or a list of one kind */
			import_collect(import, items, format, targets);
		else if (kind && has_kind(format, kind))
			import_target_add(targets,
					(struct import_target){ .place = object,
							.object = object,
							.kind = kind });
		else if (!import_leave_kind(import, object, format))
			import_left(import, kind ? node_get(object, "kind") : object,
					"%.60s is no %s", kind ? kind : "this", format->kinds[0]);
	}
}

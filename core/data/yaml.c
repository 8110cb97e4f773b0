/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"

/*
 * Builds a tree from the events of libyaml. Counts every value before it is stored; the stack of
 * open values is as deep as a tree may be.
 */
enum { SIZE_LIMIT = 1 << 20, DEPTH_LIMIT = 32, COUNT_LIMIT = 20000 };

struct builder {
	const char *file;
	struct node *open[DEPTH_LIMIT + 1]; /* the root to the node being filled */
	size_t depth;                       /* index of the last one */
	char *key;                          /* of the open map; its value comes next */
	size_t count;
};

static int complain(
		const struct builder *builder, yaml_mark_t mark, const char *what, struct err *err)
{
	return err_set(err, EINVAL, "%.200s:%zu:%zu: %s", builder->file, mark.line + 1,
			mark.column + 1, what);
}

static int add(struct builder *builder, enum node_kind kind, yaml_mark_t mark, struct node **added,
		struct err *err)
{
	struct node *parent = builder->open[builder->depth], *node;

	if (++builder->count > COUNT_LIMIT)
		return complain(builder, mark, "more than 20,000 values", err);
	node = calloc(1, sizeof(*node));
	parent->items = reallocarray(parent->items, parent->count + 1, sizeof(*parent->items));
	if (!node || !parent->items)
		abort();
	parent->items[parent->count++] = node;
	*node = (struct node){ .kind = kind,
		.line = (unsigned)mark.line + 1,
		.column = (unsigned)mark.column + 1,
		.key = TAKE(builder->key) };
	*added = node;
	return 0;
}

static bool wants_key(const struct builder *builder)
{
	return builder->open[builder->depth]->kind == NODE_MAP && !builder->key;
}

static int take_scalar(struct builder *builder, const yaml_event_t *event, struct err *err)
{
	const char *text = (const char *)event->data.scalar.value;
	yaml_mark_t mark = event->start_mark;
	struct node *node;
	char *copy;
	int rc;

	if (event->data.scalar.anchor)
		return complain(builder, mark, "anchors are not taken: write the value out", err);
	if (event->data.scalar.tag)
		return complain(builder, mark, "tags are not taken: leave it out", err);
	if (strlen(text) != event->data.scalar.length)
		return complain(builder, mark, "text with a zero byte", err);
	if (wants_key(builder) && node_get(builder->open[builder->depth], text))
		return complain(builder, mark, "this key comes twice", err);
	copy = strdup(text);
	if (!copy)
		abort();
	if (wants_key(builder)) {
		builder->key = copy;
		return 0;
	}
	rc = add(builder, NODE_TEXT, mark, &node, err);
	if (rc < 0) {
		free(copy);
		return rc;
	}
	node->text = copy;
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return 0;
}

static int open_node(struct builder *builder, enum node_kind kind, const yaml_event_t *event,
		struct err *err)
{
	bool list = kind == NODE_LIST;
	yaml_mark_t mark = event->start_mark;
	struct node *node;
	int rc;

	if (list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor)
		return complain(builder, mark, "anchors are not taken: write the value out", err);
	if (list ? event->data.sequence_start.tag : event->data.mapping_start.tag)
		return complain(builder, mark, "tags are not taken: leave it out", err);
	if (wants_key(builder))
		return complain(builder, mark, "a key must be plain text", err);
	if (builder->depth == DEPTH_LIMIT)
		return complain(builder, mark, "more than 32 levels", err);
	rc = add(builder, kind, mark, &node, err);
	if (!rc)
		builder->open[++builder->depth] = node;
	return rc;
}

static int take_event(struct builder *builder, const yaml_event_t *event, struct err *err)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return complain(builder, event->start_mark,
				"aliases are not taken: write the value out", err);
	case YAML_SCALAR_EVENT:
		return take_scalar(builder, event, err);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(builder, NODE_LIST, event, err);
	case YAML_MAPPING_START_EVENT:
		return open_node(builder, NODE_MAP, event, err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		builder->depth--;
		return 0;
	default:
		return 0;
	}
}

/* Reads events to the end or to the first error. */
static int take_all(struct builder *builder, yaml_parser_t *parser, struct err *err)
{
	yaml_event_type_t type;
	int rc;

	do {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event)) {
			if (parser->error == YAML_MEMORY_ERROR)
				abort();
			/* The reader's errors have no position of their own. */
			return complain(builder,
					parser->error == YAML_READER_ERROR ? parser->mark
									   : parser->problem_mark,
					parser->problem ? parser->problem : "no YAML", err);
		}
		type = event.type;
		rc = take_event(builder, &event, err);
		yaml_event_delete(&event);
	} while (!rc && type != YAML_STREAM_END_EVENT);
	return rc;
}

int node_parse(const char *file, const char *text, size_t length, struct node **root,
		struct err *err)
{
	struct builder builder = { .file = file };
	CLEANUP(cleanup_node) struct node *documents = calloc(1, sizeof(*documents));
	yaml_parser_t parser;
	int rc;

	if (length > SIZE_LIMIT)
		return err_set(err, EFBIG, "%.200s: larger than 1 MiB", file);
	if (!documents || !yaml_parser_initialize(&parser))
		abort();
	*documents = (struct node){ .kind = NODE_LIST, .line = 1, .column = 1 };
	builder.open[0] = documents;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	rc = take_all(&builder, &parser, err);
	yaml_parser_delete(&parser);
	free(builder.key);
	if (rc < 0)
		return rc;
	*root = TAKE(documents);
	return 0;
}

void node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++)
		node_free(node->items[i]);
	free(node->items);
	free(node->key);
	free(node->text);
	free(node);
}

void cleanup_node(struct node **node)
{
	node_free(*node);
}

const struct node *node_get(const struct node *map, const char *key)
{
	for (size_t i = 0; map && map->kind == NODE_MAP && i < map->count; i++) {
		if (!strcmp(map->items[i]->key, key))
			return map->items[i];
	}
	return NULL;
}

const char *node_text(const struct node *node)
{
	static const char *const nothing[] = { "", "~", "null", "Null", "NULL" };

	if (!node || node->kind != NODE_TEXT)
		return NULL;
	for (size_t i = 0; !node->quoted && i < sizeof(nothing) / sizeof(*nothing); i++) {
		if (!strcmp(node->text, nothing[i]))
			return NULL;
	}
	return node->text;
}

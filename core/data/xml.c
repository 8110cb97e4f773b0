/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "data/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * Builds a tree from the events of expat. Counts every element and attribute before it is stored;
 * the stack of open elements is as deep as a tree may be. The first complaint stops the parser.
 */
enum { SIZE_LIMIT = 4 << 20, DEPTH_LIMIT = 64, COUNT_LIMIT = 100000 };

struct builder {
	const char *file;
	XML_Parser parser;
	struct xml *root, *open[DEPTH_LIMIT]; /* the root to the element being filled */
	size_t depth;                         /* the number of open elements */
	size_t text_length[DEPTH_LIMIT];      /* of each open element */
	size_t count;
	struct err *err;
	bool stopped;
};

static void complain(struct builder *builder, const char *what)
{
	if (builder->stopped)
		return;
	err_set(builder->err, EINVAL, "%.200s:%lu:%lu: %s", builder->file,
			XML_GetCurrentLineNumber(builder->parser),
			XML_GetCurrentColumnNumber(builder->parser) + 1, what);
	builder->stopped = true;
	XML_StopParser(builder->parser, XML_FALSE);
}

static void *allocate(void *old, size_t count, size_t size)
{
	void *new = reallocarray(old, count, size);

	if (!new)
		abort();
	return new;
}

static char *duplicate(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	return copy;
}

/* Whether an array that doubles when it is full is full at COUNT. */
static bool is_full(size_t count)
{
	return !(count & (count - 1));
}

static void add_child(struct xml *parent, struct xml *child)
{
	if (is_full(parent->count))
		parent->children = allocate(parent->children, parent->count ? 2 * parent->count : 1,
				sizeof(*parent->children));
	parent->children[parent->count++] = child;
}

static void take_attributes(struct xml *element, size_t count, const char **pairs)
{
	if (!count)
		return;
	element->attributes = allocate(NULL, count, sizeof(*element->attributes));
	for (size_t i = 0; i < count; i++)
		element->attributes[i] = (struct xml_attribute){ duplicate(pairs[2 * i]),
			duplicate(pairs[2 * i + 1]) };
	element->attribute_count = count;
}

static void take_start(void *data, const char *name, const char **pairs)
{
	struct builder *builder = data;
	struct xml *element;
	size_t attributes = 0;

	while (pairs[2 * attributes])
		attributes++;
	builder->count += 1 + attributes;
	if (builder->count > COUNT_LIMIT)
		complain(builder, "more than 100,000 elements and attributes");
	else if (builder->depth == DEPTH_LIMIT)
		complain(builder, "more than 64 levels");
	if (builder->stopped)
		return;
	element = allocate(NULL, 1, sizeof(*element));
	*element = (struct xml){ .name = duplicate(name),
		.line = (unsigned)XML_GetCurrentLineNumber(builder->parser),
		.column = (unsigned)XML_GetCurrentColumnNumber(builder->parser) + 1 };
	take_attributes(element, attributes, pairs);
	if (builder->depth)
		add_child(builder->open[builder->depth - 1], element);
	else
		builder->root = element;
	builder->text_length[builder->depth] = 0;
	builder->open[builder->depth++] = element;
}

static void take_end(void *data, const char *name)
{
	static const char spaces[] = " \t\r\n";
	struct builder *builder = data;
	struct xml *element;

	(void)name;
	if (builder->stopped)
		return;
	element = builder->open[--builder->depth];
	if (element->text && !element->text[strspn(element->text, spaces)]) {
		free(element->text);
		element->text = NULL;
	}
}

/* The room for text doubles, so that the many pieces of a long one are not copied each time. */
static void take_text(void *data, const char *text, int length)
{
	struct builder *builder = data;
	struct xml *element;
	size_t used, more = (size_t)length, room = 16;

	if (builder->stopped || !builder->depth)
		return;
	element = builder->open[builder->depth - 1];
	used = builder->text_length[builder->depth - 1];
	while (room <= used)
		room *= 2;
	if (!element->text || used + more >= room) {
		while (room <= used + more)
			room *= 2;
		element->text = allocate(element->text, room, 1);
	}
	memcpy(element->text + used, text, more);
	element->text[used + more] = '\0';
	builder->text_length[builder->depth - 1] = used + more;
}

static void refuse_doctype(void *data, const char *name, const char *system_id,
		const char *public_id, int has_subset)
{
	(void)name, (void)system_id, (void)public_id, (void)has_subset;
	complain(data, "a document type is not taken: leave <!DOCTYPE out");
}

static int run(struct builder *builder, const char *text, size_t length)
{
	enum XML_Error error;

	XML_SetUserData(builder->parser, builder);
	XML_SetElementHandler(builder->parser, take_start, take_end);
	XML_SetCharacterDataHandler(builder->parser, take_text);
	XML_SetStartDoctypeDeclHandler(builder->parser, refuse_doctype);
	if (XML_Parse(builder->parser, text, (int)length, XML_TRUE) == XML_STATUS_OK)
		return 0;
	error = XML_GetErrorCode(builder->parser);
	if (error == XML_ERROR_NO_MEMORY)
		abort();
	complain(builder, XML_ErrorString(error));
	return -EINVAL;
}

int xml_parse(const char *file, const char *text, size_t length, struct xml **root, struct err *err)
{
	struct builder builder = { .file = file, .err = err };
	int rc;

	if (length > SIZE_LIMIT)
		return err_set(err, EFBIG, "%.200s: larger than 4 MiB", file);
	builder.parser = XML_ParserCreate(NULL);
	if (!builder.parser)
		abort();
	rc = run(&builder, text, length);
	XML_ParserFree(builder.parser);
	if (rc < 0)
		xml_free(builder.root);
	else
		*root = builder.root;
	return rc;
}

void xml_free(struct xml *element)
{
	if (!element)
		return;
	for (size_t i = 0; i < element->count; i++)
		xml_free(element->children[i]);
	for (size_t i = 0; i < element->attribute_count; i++) {
		free(element->attributes[i].name);
		free(element->attributes[i].value);
	}
	free(element->children);
	free(element->attributes);
	free(element->name);
	free(element->text);
	free(element);
}

void cleanup_xml(struct xml **element)
{
	xml_free(*element);
}

bool xml_is(const struct xml *element, const char *name)
{
	return element && !strcmp(element->name, name);
}

/* The first child whose name is the LENGTH bytes of NAME. */
static const struct xml *child_of(const struct xml *element, const char *name, size_t length)
{
	for (size_t i = 0; element && i < element->count; i++) {
		const char *found = element->children[i]->name;

		if (!strncmp(found, name, length) && !found[length])
			return element->children[i];
	}
	return NULL;
}

const struct xml *xml_child(const struct xml *element, const char *name)
{
	return child_of(element, name, strlen(name));
}

const struct xml *xml_path(const struct xml *element, const char *path)
{
	while (element) {
		size_t length = strcspn(path, "/");

		element = child_of(element, path, length);
		if (!path[length])
			break;
		path += length + 1;
	}
	return element;
}

const char *xml_attribute(const struct xml *element, const char *name)
{
	for (size_t i = 0; element && i < element->attribute_count; i++) {
		if (!strcmp(element->attributes[i].name, name))
			return element->attributes[i].value;
	}
	return NULL;
}

const char *xml_text(const struct xml *element)
{
	return element ? element->text : NULL;
}

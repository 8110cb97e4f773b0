/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "policy/import_internal.h"

/*
 * Functions with which all formats in YAML are read. People keep such files as templates of Helm,
 * Jinja or Go, which mostly are not YAML until a program has filled them in. nmstate has its own
 * templates, for what it finds on the host.
 */

/* Returns the first {{ or {% outside comments, or NULL. */
static const char *find_template(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n"), at = 0;
		bool comment = text[strspn(text, " \t")] == '#';

		for (; !comment && at + 1 < length; at++) {
			if (text[at] == '{' && (text[at + 1] == '{' || text[at + 1] == '%'))
				return text + at;
		}
		text += length + (text[length] == '\n');
	}
	return NULL;
}

static int refuse_template(
		const struct import *import, const char *text, const char *at, struct err *err)
{
	unsigned line = 1, column = 1;

	for (; text < at; text++, column++) {
		if (*text == '\n') {
			line++;
			column = 0;
		}
	}
	return err_set(err, EINVAL,
			"%.200s:%u:%u: a template: render it first (helm template, for a chart of "
			"Helm), and import the result",
			import->file, line, column);
}

/* Reports values that are valid YAML and yet templates. Returns whether there are any. */
static bool check_values(struct import *import, const struct node *node)
{
	const char *text = node_text(node), *at = text ? strstr(text, "{{") : NULL;
	const char *key = node->key ? node->key : "this entry";
	bool found = at;

	if (at && !strncmp(at + 2 + strspn(at + 2, " "), "capture", 7))
		import_wrong(import, node,
				"%.60s is what capture finds on the host: write its value there",
				key);
	else if (at)
		import_wrong(import, node, "%.60s is a template, '%.60s': render it first", key,
				text);
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = node->items[i];

		if (!item->key || strcmp(item->key, "annotations") != 0)
			found |= check_values(import, item);
	}
	return found;
}

int import_yaml(struct import *import, const char *text, size_t length,
		void (*read)(struct import *import, const struct node *documents), struct err *err)
{
	CLEANUP(cleanup_node) struct node *documents = NULL;
	int rc = node_parse(import->file, text, length, &documents, err);
	const char *template = rc < 0 ? find_template(text) : NULL;

	if (template) {
		*err = (struct err){ 0 };
		return refuse_template(import, text, template, err);
	}
	if (!rc && !check_values(import, documents))
		read(import, documents);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/domain_edit.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Looks for two places in XML that is well-formed and has no document type. */

struct scan {
	const char *at;
	unsigned depth;               /* elements that are open */
	const char *begin;            /* behind the tag of the root */
	const char *devices, *behind; /* where its devices end; of <devices/>, the tag */
	const char *end;              /* of the root */
};

/* Skips what is no tag. */
static bool skip(struct scan *scan)
{
	static const struct {
		const char *begin, *end;
	} others[] = { { "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" } };

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		const char *end;

		if (strncmp(scan->at, others[i].begin, strlen(others[i].begin)) != 0)
			continue;
		end = strstr(scan->at + strlen(others[i].begin), others[i].end);
		scan->at = end ? end + strlen(others[i].end) : scan->at + strlen(scan->at);
		return true;
	}
	return false;
}

/* Behind the '>' that ends the tag; a value may contain one. */
static const char *end_of_tag(const char *tag)
{
	char quote = 0;

	for (; *tag; tag++) {
		if (quote)
			quote = *tag == quote ? 0 : quote;
		else if (*tag == '"' || *tag == '\'')
			quote = *tag;
		else if (*tag == '>')
			return tag + 1;
	}
	return tag;
}

static bool is_devices(const char *name)
{
	static const char devices[] = "devices";

	return !strncmp(name, devices, strlen(devices)) && name[strlen(devices)] &&
			strchr(" \t\r\n/>", name[strlen(devices)]);
}

static void take_tag(struct scan *scan)
{
	const char *tag = scan->at, *end = end_of_tag(tag);
	bool closes = tag[1] == '/', is_empty = !closes && end[-2] == '/';

	scan->at = end;
	scan->depth -= closes;
	if (scan->depth == 1 && !scan->devices && (closes || is_empty) &&
			is_devices(tag + 1 + closes)) {
		scan->devices = tag;
		scan->behind = is_empty ? end : tag;
	}
	if (closes && !scan->depth)
		scan->end = tag;
	if (!closes && !is_empty && !scan->depth++)
		scan->begin = end;
}

char *domain_insert(const char *text, const char *head, const char *devices)
{
	struct scan scan = { .at = text };
	bool had_devices, was_empty;

	while ((scan.at = strchr(scan.at, '<'))) {
		if (!skip(&scan))
			take_tag(&scan);
	}
	had_devices = scan.devices != NULL;
	if (!had_devices)
		scan.devices = scan.behind = scan.end;
	was_empty = !had_devices || scan.behind != scan.devices;
	return text_format("%.*s%s%.*s%s%s%s%s", (int)(scan.begin - text), text, head,
			(int)(scan.devices - scan.begin), scan.begin, was_empty ? "<devices>" : "",
			devices, was_empty ? "</devices>" : "", scan.behind);
}

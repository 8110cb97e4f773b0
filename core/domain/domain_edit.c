/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain/domain_edit.h"

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

static bool is_name(const char *at, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(at, name, length) && at[length] && strchr(" \t\r\n/>", at[length]);
}

static bool is_devices(const char *name)
{
	return is_name(name, "devices");
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

/* --- One NIC --------------------------------------------------------------------------------- */

struct nic_scan {
	const char *at;
	unsigned depth;
	bool in_devices;
	const char *alias, *bridge; /* values, up to their quotes; NULL: not seen yet */
	const char *begin, *end;    /* of the <interface> */
};

enum { DEPTH_OF_NIC = 2 }; /* below <domain> and <devices> */

/* The value of an attribute, or NULL. A value may contain what looks like one. */
static const char *value_in(const char *tag, const char *end, const char *name)
{
	size_t length = strlen(name);
	char quote = 0;

	for (; tag < end; tag++) {
		if (quote)
			quote = *tag == quote ? 0 : quote;
		else if (*tag == '"' || *tag == '\'')
			quote = *tag;
		else if (strchr(" \t\r\n", *tag) && !strncmp(tag + 1, name, length)) {
			const char *value = tag + 1 + length;

			value += strspn(value, " \t\r\n");
			if (*value != '=')
				continue;
			value += 1 + strspn(value + 1, " \t\r\n");
			return value + 1;
		}
	}
	return NULL;
}

static bool is_value(const char *value, const char *text)
{
	size_t length = strlen(text);

	return value && !strncmp(value, text, length) && value[length] == value[-1];
}

static void look_into_nic(struct nic_scan *scan, const char *tag, const char *end)
{
	if (is_name(tag + 1, "alias") && !scan->alias)
		scan->alias = value_in(tag, end, "name");
	if (is_name(tag + 1, "source") && !scan->bridge)
		scan->bridge = value_in(tag, end, "bridge");
}

/* Whether an <interface> ends here. */
static bool take_nic_tag(struct nic_scan *scan)
{
	const char *tag = scan->at, *end = end_of_tag(tag);
	bool closes = tag[1] == '/', is_empty = !closes && end[-2] == '/';

	scan->at = end;
	scan->depth -= closes;
	if (!closes && scan->depth == DEPTH_OF_NIC - 1)
		scan->in_devices = is_name(tag + 1, "devices");
	if (!closes && scan->depth == DEPTH_OF_NIC) {
		scan->begin = scan->in_devices && is_name(tag + 1, "interface") ? tag : NULL;
		scan->alias = scan->bridge = NULL;
	}
	if (!closes && scan->depth == DEPTH_OF_NIC + 1 && scan->begin)
		look_into_nic(scan, tag, end);
	scan->depth += !closes && !is_empty;
	scan->end = end;
	return closes && scan->depth == DEPTH_OF_NIC && scan->begin;
}

static bool find_nic(const char *text, const char *alias, struct nic_scan *found)
{
	struct nic_scan nic = { .at = text };

	while ((nic.at = strchr(nic.at, '<'))) {
		struct scan scan = { .at = nic.at };

		if (skip(&scan)) {
			nic.at = scan.at;
			continue;
		}
		if (!take_nic_tag(&nic) || !is_value(nic.alias, alias))
			continue;
		*found = nic;
		return true;
	}
	return false;
}

char *domain_without_nic(const char *text, const char *alias)
{
	struct nic_scan nic;

	if (!find_nic(text, alias, &nic))
		return text_format("%s", text);
	return text_format("%.*s%s", (int)(nic.begin - text), text, nic.end);
}

char *domain_with_bridge(const char *text, const char *alias, const char *bridge)
{
	struct nic_scan nic;

	if (!find_nic(text, alias, &nic) || !nic.bridge)
		return text_format("%s", text);
	return text_format("%.*s%s%s", (int)(nic.bridge - text), text, bridge,
			strchr(nic.bridge, nic.bridge[-1]));
}

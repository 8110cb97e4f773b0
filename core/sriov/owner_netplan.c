/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "sriov/owner_parts.h"

/*
 * netplan's YAML, by its lines: a definition is a key and the deeper indented lines below it. That
 * is enough to find virtual-function-count and what the definition around it matches; YAML written
 * in one line ({a: b}) is not looked into.
 *
 *   ethernets:
 *     lan:
 *       match: {...} or lines
 *       virtual-function-count: 4
 */

struct line {
	unsigned indent;
	char key[80], value[160];
};

/* "  key: value" without quotes and comments. False for any other line. */
static bool take_line(const char *text, size_t length, struct line *line)
{
	char copy[256], *at = copy, *colon;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	copy[strcspn(copy, "#\r")] = '\0';
	line->indent = (unsigned)strspn(copy, " ");
	at += line->indent;
	at += strspn(at, "\"'");
	colon = strchr(at, ':');
	if (!colon || colon == at)
		return false;
	snprintf(line->key, sizeof(line->key), "%.*s", (int)strcspn(at, ":\"' "), at);
	colon += 1 + strspn(colon + 1, " \"'");
	snprintf(line->value, sizeof(line->value), "%.*s", (int)strcspn(colon, "\"' "), colon);
	return *line->key;
}

/* What is known of the definition that the lines are in. */
struct definition {
	unsigned indent, count_line;
	char name[80], count[16];
	bool matches, named_by_match;
};

static void look_at(const struct line *line, const struct card_names *names,
		struct definition *definition)
{
	const struct {
		const char *key, *value;
		bool names_it; /* in place of the definition's own name */
	} known[] = { { "macaddress", names->permanent_mac, true }, { "name", names->netdev, true },
		{ "driver", names->driver, true } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(line->key, known[i].key) != 0 || !*line->value)
			continue;
		definition->matches &= owner_list_has(line->value, " ", known[i].value);
		definition->named_by_match |= known[i].names_it;
	}
}

static void end_definition(const struct definition *definition, const char *file,
		const struct card_names *names, struct faults *owners)
{
	bool named = definition->named_by_match || !strcmp(definition->name, names->netdev);

	if (definition->count_line && definition->matches && named)
		fault_add(owners, "%s:%u: netplan makes %s VFs of it", file, definition->count_line,
				definition->count);
}

void owner_find_netplan(const char *file, const char *text, const struct card_names *names,
		struct faults *owners)
{
	struct definition definition = { .matches = true };
	unsigned section = 0; /* indentation of "ethernets:" */
	bool inside = false;
	struct line line;

	for (unsigned number = 1; *text; number++) {
		size_t length = strcspn(text, "\n");

		if (take_line(text, length, &line)) {
			if (!strcmp(line.key, "ethernets")) {
				section = line.indent;
				inside = true;
			} else if (inside && line.indent > section &&
					(!*definition.name || line.indent <= definition.indent)) {
				end_definition(&definition, file, names, owners);
				definition = (struct definition){ .matches = true,
					.indent = line.indent };
				snprintf(definition.name, sizeof(definition.name), "%s", line.key);
			} else if (inside && line.indent <= section) {
				inside = false;
			} else if (inside && !strcmp(line.key, "virtual-function-count")) {
				definition.count_line = number;
				snprintf(definition.count, sizeof(definition.count), "%.15s",
						line.value);
			} else if (inside) {
				look_at(&line, names, &definition);
			}
		}
		text += length + (text[length] == '\n');
	}
	end_definition(&definition, file, names, owners);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "policy/import_internal.h"

/* Functions with which all formats in INI form are read. */

struct node import_node_of(const struct ini_entry *entry)
{
	return (struct node){ .kind = NODE_TEXT,
		.line = entry->line,
		.column = entry->value_column,
		.key = (char *)entry->key,
		.text = (char *)entry->value,
		.quoted = true };
}

bool import_takes_section(
		struct import *import, const struct ini_section *section, const char *const *known)
{
	struct node place = { .line = section->line, .column = 1 };

	for (; *known; known++) {
		if (!strcmp(*known, section->kind))
			return true;
	}
	import_left(import, &place, "[%s] is not for a policy file", section->kind);
	return false;
}

int import_ini(struct import *import, const char *text, size_t length,
		void (*read)(struct import *import, const struct ini *ini), struct err *err)
{
	CLEANUP(cleanup_ini) struct ini *ini = NULL;

	if (strlen(text) != length)
		return err_set(err, EINVAL, "%s: not a text file: it contains a zero byte",
				import->file);
	if (!strncmp(text, "\xef\xbb\xbf", 3)) /* the byte order mark that an editor may write */
		text += 3;
	ini = ini_parse_all(import->file, text, &import->wrong);
	read(import, ini);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "data/ini.h"
#include "tests/fuzz.h"

/* What is parsed is inside the text, and errors have a position. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_free) char *text = strndup((const char *)data, size);
	CLEANUP(cleanup_ini) struct ini *ini = NULL;
	struct err err = { 0 };
	size_t used = 0;

	if (ini_parse("f", text, &ini, &err) < 0) {
		if (err.code != EINVAL || strncmp(err.msg, "f:", 2) != 0)
			abort();
		return 0;
	}
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_section *section = &ini->sections[i];

		used += strlen(section->kind) + strlen(section->name);
		for (size_t k = 0; k < section->count; k++) {
			used += strlen(section->entries[k].key) + strlen(section->entries[k].value);
			if (!*section->entries[k].key || !section->entries[k].line)
				abort();
		}
	}
	if (used > strlen(text))
		abort();
	return 0;
}

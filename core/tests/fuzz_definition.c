/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "catalog/catalog_store.h"
#include "tests/fuzz.h"

static void parse(const struct definition_kind *kind, const char *text, void *definition,
		struct diagnostics *diagnostics)
{
	definition_init(kind, definition, "x");
	definition_parse(kind, "f", text, definition, diagnostics);
}

/* The first byte selects the kind. A valid definition prints as a file that parses to the same
 * definition. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct definition_kind *const kinds[] = { &network_kind, &vnic_profile_kind,
		&allowlist_kind, &vnic_kind };
	const struct definition_kind *kind = kinds[size ? *data % 4 : 0];
	CLEANUP(cleanup_free) char *text = strndup((const char *)data + !!size, size - !!size);
	CLEANUP(cleanup_free) void *once = calloc(1, kind->size), *again = calloc(1, kind->size);
	CLEANUP(cleanup_free) char *printed = NULL;
	CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };

	if (!text || !once || !again)
		abort();
	parse(kind, text, once, &diagnostics);
	for (size_t i = 0; i < diagnostics.count; i++) {
		if (strncmp(diagnostics.lines[i], "f:", 2) != 0)
			abort();
	}
	if (!diagnostics.count) {
		printed = definition_print(kind, once);
		parse(kind, printed, again, &diagnostics);
		if (diagnostics.count || !definition_equal(kind, once, again))
			abort();
	}
	definition_free(kind, once);
	definition_free(kind, again);
	return 0;
}

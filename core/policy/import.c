/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/import.h"

#include <string.h>

#include "base/cleanup.h"
#include "policy/import_internal.h"

static const struct import_format *const formats[] = {
	&import_node_policy,
	&import_nmstate,
	&import_systemd_link,
};

const struct import_format *import_format_at(size_t index)
{
	return index < sizeof(formats) / sizeof(*formats) ? formats[index] : NULL;
}

const struct import_format *import_format_find(const char *name)
{
	const struct import_format *format;

	for (size_t i = 0; (format = import_format_at(i)); i++) {
		if (!strcmp(format->name, name))
			return format;
	}
	return NULL;
}

/* Parses the result again, since settings that are each right may conflict. */
static void check_result(struct import *import)
{
	for (size_t i = 0; i < import->set.count; i++) {
		const struct desired *desired = &import->set.items[i];
		CLEANUP(cleanup_free) char *text = desired_print(desired);
		CLEANUP(cleanup_desired) struct desired_set again = { 0 };
		CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };

		desired_parse(desired->file, text, &again, &diagnostics);
		for (size_t k = 0; k < diagnostics.count; k++) {
			/* Without FILE:LINE:COLUMN, which refer to a text that the user cannot see. */
			const char *what = diagnostics.lines[k];

			for (int colons = 0; *what && colons < 3; what++)
				colons += *what == ':';
			import_wrong(import, NULL, "card %s:%s", desired->file, what);
		}
	}
}

int import_read(const struct import_format *format, const char *file, const char *text,
		size_t length, struct import *import, struct err *err)
{
	int rc;

	*import = (struct import){ .file = file };
	rc = format->parse(import, text, length, err);
	if (rc < 0)
		return rc;
	if (!import->wrong.count)
		check_result(import);
	if (!import->wrong.count && !import->set.count)
		import_wrong(import, NULL, "nothing in it is about the VFs of a card");
	return import->wrong.count ? err_set(err, EINVAL, "%.300s", import->wrong.lines[0]) : 0;
}

void cleanup_import(struct import *import)
{
	desired_free(&import->set);
	diagnostics_free(&import->wrong);
	diagnostics_free(&import->left);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "catalog/definition_files.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/admin_file.h"

static char *path_of(const struct definition_kind *kind, const char *name)
{
	return text_format("%s/%s%s", kind->folder, name, kind->suffix);
}

static void read_file(const struct host *host, const char *name, struct definitions *list,
		struct diagnostics *diagnostics)
{
	CLEANUP(cleanup_free) char *path = path_of(list->kind, name);
	CLEANUP(cleanup_free) char *full_path = host_path(host, path);
	CLEANUP(cleanup_free) char *text = NULL;
	struct err err = { 0 };

	if (!name_is_valid(name))
		diagnostic_add(diagnostics,
				"%s: a %s has a name of up to %d letters, digits, '.', '_' and "
				"'-': rename the file",
				full_path, list->kind->noun, NAME_MOST);
	else if (admin_file_read(host, path, &text, &err) < 0)
		diagnostic_add(diagnostics, "%s", err.msg);
	else
		definition_parse(list->kind, full_path, text, definition_add(list, name),
				diagnostics);
}

int definitions_read(const struct host *host, const struct definition_kind *kind,
		struct definitions *list, struct diagnostics *diagnostics, struct err *err)
{
	size_t count = 0, suffix = strlen(kind->suffix);
	char **names = NULL;
	struct err cause = { 0 };

	*list = (struct definitions){ .kind = kind };
	if (host_names(host, kind->folder, &names, &count, &cause) < 0 && cause.code != ENOENT)
		return err_pass(err, &cause, "%s", cause.msg);
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(names[i]);

		/* Skips backup copies of editors and files that are being written: they have
		 * another suffix. */
		if (*names[i] == '.' || length <= suffix ||
				strcmp(names[i] + length - suffix, kind->suffix) != 0)
			continue;
		names[i][length - suffix] = '\0';
		read_file(host, names[i], list, diagnostics);
	}
	host_names_free(names, count);
	return 0;
}

int definition_save(const struct host *host, const struct definition_kind *kind,
		const void *definition, struct err *err)
{
	CLEANUP(cleanup_free)
	char *path = path_of(kind, ((const struct definition *)definition)->name);
	CLEANUP(cleanup_free) char *text = definition_print(kind, definition);

	return admin_file_write(host, path, text, err);
}

int definition_remove(const struct host *host, const struct definition_kind *kind, const char *name,
		struct err *err)
{
	CLEANUP(cleanup_free) char *path = path_of(kind, name);

	return admin_file_remove(host, path, err);
}

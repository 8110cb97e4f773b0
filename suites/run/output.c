/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/output.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

static bool has_schema(const char *folder, const char *name, const char *schema)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, name);
	CLEANUP(cleanup_record) struct record *record = NULL;

	if (record_load(AT_FDCWD, path, &record, NULL) < 0)
		return false;
	return !strncmp(record_str(record, "schema", ""), schema, strlen(schema));
}

int output_claim(const char *folder, struct err *err)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_entry, NULL);

	if (count < 0 && errno == ENOENT)
		return file_make_dirs(folder, 0777, err);
	if (count < 0 && errno == ENOTDIR)
		return err_set(err, EINVAL, "%s is not a folder: name another with -o", folder);
	if (count < 0)
		return err_sys(err, "cannot use %s for the results", folder);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	if (!count || has_schema(folder, OUTPUT_RESULTS, "vfcert-results/") ||
			has_schema(folder, OUTPUT_PROOF, "vfcert-proof/") ||
			has_schema(folder, OUTPUT_VARY, "vfcert-vary/"))
		return 0;
	return err_set(err, EINVAL,
			"%s is not empty and holds no former result of vfcert: name another folder "
			"with -o",
			folder);
}

int output_open(const char *path, struct results_reader **reader, struct err *err)
{
	CLEANUP(cleanup_free) char *inside = text_format("%s/" OUTPUT_RESULTS, path);
	int rc = reader_open(file_is_folder(path) ? inside : path, reader, err);

	if (rc == -EINVAL)
		err_prefix(err, "%s: ", path);
	return rc;
}

int output_write_printed(const char *folder, const char *name,
		int (*print)(const struct record *record, FILE *out), const struct record *record,
		struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, name);
	CLEANUP(cleanup_file_draft) struct file_draft draft = FILE_DRAFT_NONE;
	int rc = file_draft_open(AT_FDCWD, path, &draft, err);

	if (!rc)
		print(record, draft.out);
	return rc < 0 ? rc : file_draft_commit(&draft, err);
}

int output_write_format(const char *path, const struct format *format,
		const struct format_options *options, struct results_reader *reader,
		struct err *err)
{
	CLEANUP(cleanup_file_draft) struct file_draft draft = FILE_DRAFT_NONE;
	int rc = file_draft_open(AT_FDCWD, path, &draft, err);

	if (rc < 0)
		return rc;
	rc = format->print(reader, options, draft.out);
	if (rc < 0)
		return reader_error(reader, err) < 0
				? rc
				: err_set(err, -rc, "cannot write %s: %s", path, strerror(-rc));
	return file_draft_commit(&draft, err);
}

static int save(const char *folder, const char *name, const struct record *record, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, name);

	return record_save_canonical(AT_FDCWD, path, record, err);
}

int output_write_results(const char *folder, const struct record *results, struct err *err)
{
	int rc = save(folder, OUTPUT_RESULTS, results, err);

	return rc < 0 ? rc : save(folder, "identity.json", record_get(results, "identity"), err);
}

static int write_console(const char *folder, const char *console, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/console.log", folder);

	if (console)
		return file_write_atomic(AT_FDCWD, path, console, strlen(console), err);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(err, "cannot remove the former %s", path);
	return 0;
}

int output_write(const char *folder, const struct record *results, const char *console,
		const struct certification_profile *profile, struct err *err)
{
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(results);
	struct format_options options = { .profile = profile };
	int rc = output_write_results(folder, results, err);

	for (const struct format *format = formats; !rc && format->name; format++) {
		CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, format->file);

		if (format->of_a_run)
			rc = output_write_format(path, format, &options, reader, err);
	}
	return rc < 0 ? rc : write_console(folder, console, err);
}

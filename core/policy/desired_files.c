/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "host/admin_file.h"
#include "host/conf_files.h"
#include "policy/desired_internal.h"

/* Where policy files are, and how they are read. */

#define POLICY_LIMIT (1u << 20) /* bytes of one file; a real one has a few hundred */

static const char *const folders[] = { "etc/vfctl", "run/vfctl", "usr/lib/vfctl", NULL };

/* False: it has errors. SOURCE has what could be read, so that all errors are reported. */
static bool read_policy(const struct host *host, const char *path, struct policy_source *source,
		struct diagnostics *diagnostics)
{
	CLEANUP(cleanup_free) char *shown = host_path(host, path);
	CLEANUP(cleanup_free) char *text = NULL;
	struct err err = { 0 };
	size_t before = diagnostics->count;

	if (admin_file_read(host, path, &text, &err) < 0)
		diagnostic_add(diagnostics, "%s", err.msg);
	else
		policy_source_add(source, ini_parse_all(shown, text, diagnostics));
	return diagnostics->count == before;
}

void policy_source_read(
		const char *path, struct policy_source *source, struct diagnostics *diagnostics)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct err err = { 0 };
	size_t before = diagnostics->count, length;

	if (file_read(AT_FDCWD, path, POLICY_LIMIT, &text, &length, &err) < 0 ||
			file_check_text(path, text, length, &err) < 0)
		diagnostic_add(diagnostics, "%s", err.msg);
	else
		policy_source_add(source, ini_parse_all(path, text, diagnostics));
	source->broken |= diagnostics->count != before;
}

void policy_source_add(struct policy_source *source, struct ini *ini)
{
	source->inis = reallocarray(source->inis, source->count + 1, sizeof(*source->inis));
	if (!source->inis)
		abort();
	source->inis[source->count++] = ini;
}

struct policy_source *policy_sources_add(struct policy_sources *sources, const char *name)
{
	struct policy_source *added;

	sources->items = reallocarray(sources->items, sources->count + 1, sizeof(*added));
	if (!sources->items)
		abort();
	added = &sources->items[sources->count++];
	*added = (struct policy_source){ .name = text_format("%s", name) };
	return added;
}

static void report_taken_out(
		struct policy_source *source, const char *drop_in, struct diagnostics *diagnostics)
{
	diagnostic_add(diagnostics, "%s: this drop-in is left out", drop_in);
	source->partial = true;
}

void policy_source_take_out(
		struct policy_source *source, size_t index, struct diagnostics *diagnostics)
{
	struct ini *ini = source->inis[index];

	report_taken_out(source, ini->file, diagnostics);
	ini_free(ini);
	source->count--;
	memmove(&source->inis[index], &source->inis[index + 1],
			(source->count - index) * sizeof(ini));
}

static void read_drop_in(const struct host *host, const char *path, bool partial,
		struct policy_source *source, struct diagnostics *diagnostics)
{
	CLEANUP(cleanup_free) char *shown = host_path(host, path);
	size_t before = source->count;

	if (read_policy(host, path, source, diagnostics))
		return;
	if (!partial)
		source->broken = true;
	else if (source->count > before)
		policy_source_take_out(source, before, diagnostics);
	else
		report_taken_out(source, shown, diagnostics);
}

static int load_one(const struct host *host, const char *path, bool partial,
		struct policy_source *source, struct diagnostics *diagnostics, struct err *err)
{
	CLEANUP(cleanup_free) char *below = text_format("%s.d", strrchr(path, '/') + 1);
	char **drop_ins;
	size_t count;
	int rc = conf_files_list(host, folders, below, ".conf", &drop_ins, &count, err);

	if (rc < 0)
		return rc;
	source->broken = !read_policy(host, path, source, diagnostics);
	for (size_t i = 0; i < count; i++)
		read_drop_in(host, drop_ins[i], partial, source, diagnostics);
	host_names_free(drop_ins, count);
	return 0;
}

int policy_sources_load(const struct host *host, bool partial, struct policy_sources *sources,
		struct diagnostics *diagnostics, struct err *err)
{
	char **paths;
	size_t count;
	int rc = conf_files_list(host, folders, "", ".conf", &paths, &count, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count && !rc; i++) {
		CLEANUP(cleanup_free) char *shown = host_path(host, paths[i]);

		rc = load_one(host, paths[i], partial, policy_sources_add(sources, shown),
				diagnostics, err);
	}
	host_names_free(paths, count);
	return rc;
}

void cleanup_policy_sources(struct policy_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		struct policy_source *source = &sources->items[i];

		for (size_t k = 0; k < source->count; k++)
			ini_free(source->inis[k]);
		free(source->inis);
		free(source->name);
	}
	free(sources->items);
	*sources = (struct policy_sources){ 0 };
}

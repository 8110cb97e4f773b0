/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/collection.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "data/digest.h"
#include "reports/results/matrix_row.h"
#include "reports/results/results_reader.h"

/*
 * The index: {"schema":"vfcert-index/2","profile":DIGEST,
 *             "runs":{PATH:{"mtime_ns","size","digest","row"}}}
 *
 * Paths are relative to its folder. An index of another profile is not used.
 */

#define SCHEMA      "vfcert-index/2"
#define INDEX       ".vfcert-index.json"
#define RESULTS     "results.json"
#define DEPTH_LIMIT 16
#define OPEN_LIMIT  32 /* readers that stay open */

struct search {
	struct collection *collection;
	const struct certification_profile *profile;
	const char *top;      /* where the index is */
	struct record *old;   /* the runs in the index, or NULL */
	struct record *fresh; /* those of the new index */
	struct record *seen;  /* digests, in all folders */
	bool changed;
};

static char *join(const char *folder, const char *name)
{
	return *folder ? text_format("%s/%s", folder, name) : text_format("%s", name);
}

/* Computes the SHA-256 of the file piece by piece, to recognize copies. */
static int digest_file(const char *path, char text[DIGEST_TEXT], struct err *err)
{
	CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
	struct digest *digest;
	char piece[65536];
	size_t got;

	if (!file)
		return err_sys(err, "cannot open %s", path);
	digest = digest_begin();
	while ((got = fread(piece, 1, sizeof(piece), file)))
		digest_add(digest, piece, got);
	digest_end(digest, text);
	return ferror(file) ? err_sys(err, "cannot read %s", path) : 0;
}

static int64_t mtime_of(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* The file's entry in the index, if the file has not changed since. */
static const struct record *indexed(
		const struct search *search, const char *inside, const struct stat *st)
{
	const struct record *entry = record_get(search->old, inside);

	if (record_int(entry, "mtime_ns", -1) != mtime_of(st) ||
			record_int(entry, "size", -1) != st->st_size ||
			record_type(record_get(entry, "row")) != RECORD_OBJECT ||
			!record_str(entry, "digest", NULL))
		return NULL;
	return entry;
}

static int read_run(struct search *search, const char *path, const struct stat *st,
		struct record **entry, struct results_reader **kept, struct err *err)
{
	CLEANUP(cleanup_reader) struct results_reader *reader = NULL;
	char digest[DIGEST_TEXT];
	struct record *row;
	int rc = reader_open(path, &reader, err);

	if (!rc)
		rc = digest_file(path, digest, err);
	if (rc < 0)
		return rc;
	row = matrix_row_build(reader, search->profile);
	rc = reader_error(reader, err);
	if (rc < 0) {
		record_free(row);
		return rc;
	}
	*entry = record_object();
	record_put_int(*entry, "mtime_ns", mtime_of(st));
	record_put_int(*entry, "size", st->st_size);
	record_put_str(*entry, "digest", digest);
	record_put(*entry, "row", row);
	search->changed = true;
	if (search->collection->read++ < OPEN_LIMIT)
		*kept = TAKE(reader);
	return 0;
}

static void take_run(struct search *search, const char *folder, const char *path,
		const struct record *entry, struct results_reader **reader)
{
	struct collection *collection = search->collection;
	const char *digest = record_str(entry, "digest", "");

	if (record_get(search->seen, digest))
		return;
	record_put_bool(search->seen, digest, true);
	collection->runs = reallocarray(
			collection->runs, collection->count + 1, sizeof(*collection->runs));
	if (!collection->runs)
		abort();
	collection->runs[collection->count++] =
			(struct collected){ text_format("%s", folder), text_format("%s", path),
				record_copy(record_get(entry, "row")), TAKE(*reader), false };
}

/* INSIDE is the folder relative to the top: "" is the top itself. */
static void visit_run(struct search *search, const char *inside)
{
	CLEANUP(cleanup_free) char *name = join(inside, RESULTS);
	CLEANUP(cleanup_free) char *path = join(search->top, name);
	CLEANUP(cleanup_free)
	char *folder = *inside ? join(search->top, inside) : text_format("%s", search->top);
	CLEANUP(cleanup_reader) struct results_reader *reader = NULL;
	const struct record *known;
	struct record *entry = NULL;
	struct err err = { 0 };
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	known = indexed(search, name, &st);
	if (known)
		entry = record_copy(known);
	else if (read_run(search, path, &st, &entry, &reader, &err) < 0) {
		record_put_str(search->collection->left_out, path, err.msg);
		return;
	}
	take_run(search, folder, path, entry, &reader);
	record_put(search->fresh, name, entry);
}

static int is_visible(const struct dirent *entry)
{
	return *entry->d_name != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

static void visit_folder(struct search *search, const char *inside, int depth)
{
	CLEANUP(cleanup_free)
	char *folder = *inside ? join(search->top, inside) : text_format("%s", search->top);
	struct dirent **entries;
	int count = depth < DEPTH_LIMIT ? scandir(folder, &entries, is_visible, versionsort) : -1;

	visit_run(search, inside);
	if (count < 0)
		return;
	for (int i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *deeper = join(inside, entries[i]->d_name);

		visit_folder(search, deeper, depth + 1);
		free(entries[i]);
	}
	free(entries);
}

static struct record *index_load(const char *path, const struct certification_profile *profile)
{
	CLEANUP(cleanup_record) struct record *index = NULL;

	if (record_load(AT_FDCWD, path, &index, NULL) < 0 ||
			strcmp(record_str(index, "schema", ""), SCHEMA) != 0 ||
			strcmp(record_str(index, "profile", ""), profile->digest) != 0)
		return NULL;
	return record_copy(record_get(index, "runs"));
}

/* Saves no index in a folder that is not writable. */
static void index_save(
		const char *path, const struct certification_profile *profile, struct record *runs)
{
	CLEANUP(cleanup_record) struct record *index = record_object();

	record_put_str(index, "schema", SCHEMA);
	record_put_str(index, "profile", profile->digest);
	record_put(index, "runs", runs);
	record_save(AT_FDCWD, path, index, NULL);
}

static void search_folder(struct search *search, const char *top)
{
	CLEANUP(cleanup_free) char *path = join(top, INDEX);

	search->top = top;
	search->old = index_load(path, search->profile);
	search->fresh = record_object();
	search->changed = false;
	visit_folder(search, "", 0);
	if (search->changed || record_members(search->old) != record_members(search->fresh))
		index_save(path, search->profile, search->fresh);
	else
		record_free(search->fresh);
	record_free(search->old);
}

static int by_row(const void *a, const void *b)
{
	const struct collected *left = a, *right = b;
	int order = matrix_row_compare(left->row, right->row);

	return order ? order : strcmp(left->folder, right->folder);
}

static void mark_superseded(struct collection *collection)
{
	for (size_t i = 1; i < collection->count; i++) {
		const struct record *a = collection->runs[i - 1].row, *b = collection->runs[i].row;
		CLEANUP(cleanup_free)
		char *card = matrix_row_card(a), *other_card = matrix_row_card(b);
		CLEANUP(cleanup_free)
		char *environment = matrix_row_environment(a),
		     *other_environment = matrix_row_environment(b);

		collection->runs[i].superseded = !strcmp(card, other_card) &&
				!strcmp(environment, other_environment);
	}
}

int collection_load(const char *const *folders, size_t count,
		const struct certification_profile *profile, struct collection *collection,
		struct err *err)
{
	CLEANUP(cleanup_record) struct record *seen = record_object();
	struct search search = { .collection = collection, .profile = profile, .seen = seen };

	*collection = (struct collection){ .left_out = record_object() };
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(folders[i]), name = strlen("/" RESULTS);
		CLEANUP(cleanup_free) char *top = text_format("%s", folders[i]);
		struct stat st;

		if (length > name && !strcmp(folders[i] + length - name, "/" RESULTS))
			top[length - name] = '\0';
		else if (!strcmp(top, RESULTS))
			strcpy(top, ".");
		if (stat(top, &st) < 0 || !S_ISDIR(st.st_mode))
			return err_set(err, EINVAL, "%s: there is no such folder", folders[i]);
		search_folder(&search, top);
	}
	if (!collection->count && !record_members(collection->left_out))
		return err_set(err, EINVAL, "no " RESULTS " lies in %s%s", folders[0],
				count > 1 ? " or the other folders" : "");
	if (collection->count)
		qsort(collection->runs, collection->count, sizeof(*collection->runs), by_row);
	mark_superseded(collection);
	return 0;
}

void collection_free(struct collection *collection)
{
	for (size_t i = 0; i < collection->count; i++) {
		free(collection->runs[i].folder);
		free(collection->runs[i].results);
		record_free(collection->runs[i].row);
		reader_free(collection->runs[i].reader);
	}
	free(collection->runs);
	record_free(collection->left_out);
	*collection = (struct collection){ 0 };
}

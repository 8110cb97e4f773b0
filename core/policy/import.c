/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/import_internal.h"

static const struct import_format *const formats[] = {
	&import_node_policy,
	&import_node_state,
	&import_nmstate,
	&import_systemd_link,
	&import_netplan,
	&import_networkmanager,
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

/* Parses the result again, since settings that are valid one by one may conflict. */
static void check_result(struct import *import)
{
	for (size_t i = 0; i < import->set.count; i++) {
		const struct desired *desired = &import->set.items[i];
		CLEANUP(cleanup_free) char *text = desired_print(desired);
		CLEANUP(cleanup_desired) struct desired_set again = { 0 };
		CLEANUP(cleanup_diagnostics) struct diagnostics diagnostics = { 0 };

		desired_parse(desired->file, text, &again, &diagnostics);
		for (size_t k = 0; k < diagnostics.count; k++) {
			/* Drops FILE:LINE:COLUMN, which refer to a text that the user cannot
			 * see. */
			const char *what = diagnostics.lines[k];

			for (int colons = 0; *what && colons < 3; what++)
				colons += *what == ':';
			import_wrong(import, NULL, "card %s:%s", desired->file, what);
		}
	}
}

static bool is_about_vfs(const struct desired *desired)
{
	bool found = desired->count_given || desired->autoprobe_given;

	for (size_t i = 0; i < desired->vf_count; i++)
		found |= desired->vfs[i].settings.given || *desired->vfs[i].driver;
	return found;
}

static void drop_idle_cards(struct import *import)
{
	struct desired_set *set = &import->set;
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		if (is_about_vfs(&set->items[i])) {
			set->items[kept++] = set->items[i];
			continue;
		}
		import_left(import, NULL, "card %s: nothing in it is about VFs",
				set->items[i].file);
		free(set->items[i].file);
		free(set->items[i].vfs);
	}
	set->count = kept;
}

struct place {
	char *text;
	unsigned line, column;
	size_t position;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->position < y->position ? -1 : 1;
}

/* Sorts lines by their places in the file: each begins with FILE:LINE:COLUMN. */
static void sort_lines(struct diagnostics *diagnostics, const char *file)
{
	struct place *places = calloc(diagnostics->count + 1, sizeof(*places));

	if (!places)
		abort();
	for (size_t i = 0; i < diagnostics->count; i++) {
		struct place *place = &places[i];
		char *rest = diagnostics->lines[i] + strlen(file) + 1;

		place->text = diagnostics->lines[i];
		place->position = i;
		place->line = (unsigned)strtoul(rest, &rest, 10);
		place->column = (unsigned)strtoul(rest + (*rest == ':'), NULL, 10);
	}
	qsort(places, diagnostics->count, sizeof(*places), compare_places);
	for (size_t i = 0; i < diagnostics->count; i++)
		diagnostics->lines[i] = places[i].text;
	free(places);
}

int import_read(const struct import_format *format, const struct import_source *source,
		struct import *import, struct err *err)
{
	int rc;

	*import = (struct import){ .file = source->file, .node = source->node };
	rc = format->parse(import, source->text, source->length, err);
	if (rc < 0)
		return rc;
	if (!import->wrong.count)
		check_result(import);
	if (!import->wrong.count)
		drop_idle_cards(import);
	if (!import->wrong.count && !import->set.count)
		import_wrong(import, NULL, "nothing in it is about the VFs of a card");
	sort_lines(&import->wrong, import->file);
	sort_lines(&import->left, import->file);
	return import->wrong.count ? err_set(err, EINVAL, "%.300s", import->wrong.lines[0]) : 0;
}

void cleanup_import(struct import *import)
{
	desired_free(&import->set);
	diagnostics_free(&import->wrong);
	diagnostics_free(&import->left);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "rig/topology.h"

#define FOLDER_MARK "@FOLDER@"

char *topology_escape(const char *value)
{
	char *text = malloc(2 * strlen(value) + 1), *end = text;

	if (!text)
		abort();
	for (; *value; value++) {
		if (*value == ',')
			*end++ = ',';
		*end++ = *value;
	}
	*end = '\0';
	return text;
}

/* VALUE with FOLDER in the place of each mark; the caller frees it. */
static char *fill_folder(const char *value, const char *folder)
{
	char *text = NULL;
	const char *mark;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	while ((mark = strstr(value, FOLDER_MARK))) {
		fprintf(out, "%.*s%s", (int)(mark - value), value, folder);
		value = mark + strlen(FOLDER_MARK);
	}
	fputs(value, out);
	fclose(out);
	return text;
}

char *topology_option(const struct topology_item *item, const char *folder)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	for (size_t i = 0; i < item->count; i++) {
		CLEANUP(cleanup_free) char *filled = fill_folder(item->properties[i].value, folder);
		CLEANUP(cleanup_free) char *value = topology_escape(filled);

		if (i)
			fprintf(out, ",%s=", item->properties[i].key);
		fputs(value, out);
		if (!i && item->id)
			fprintf(out, ",id=%s", item->id);
	}
	fclose(out);
	return text;
}

bool topology_word_is(const char *word, const char *wanted)
{
	size_t length = strlen(wanted);

	return !strncmp(word, wanted, length) && (!word[length] || word[length] == '=');
}

static bool is_removed(const struct topology *topology, const char *word)
{
	for (size_t i = 0; topology->removed && topology->removed[i]; i++) {
		if (topology_word_is(word, topology->removed[i]))
			return true;
	}
	return false;
}

char *topology_kernel(const struct topology *topology, const char *base)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", base);
	char *text = NULL, *rest = copy, *word;
	const char *gap = "";
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	while ((word = strsep(&rest, " "))) {
		if (!*word || is_removed(topology, word))
			continue;
		fprintf(out, "%s%s", gap, word);
		gap = " ";
	}
	for (size_t i = 0; topology->arguments && topology->arguments[i]; i++) {
		fprintf(out, "%s%s", gap, topology->arguments[i]);
		gap = " ";
	}
	fclose(out);
	return text;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

bool name_is_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t length = strlen(name);

	return length && length <= NAME_MOST && strspn(name, letters) == length &&
			isalnum((unsigned char)*name);
}

static size_t find(const struct names *names, const char *name)
{
	size_t at = 0;

	while (at < names->count && strcmp(names->list[at], name) != 0)
		at++;
	return at;
}

bool names_have(const struct names *names, const char *name)
{
	return find(names, name) < names->count;
}

bool names_add(struct names *names, const char *name)
{
	if (names_have(names, name))
		return false;
	names->list = reallocarray(names->list, names->count + 1, sizeof(*names->list));
	if (!names->list)
		abort();
	names->list[names->count++] = file_path("%s", name);
	return true;
}

bool names_remove(struct names *names, const char *name)
{
	size_t at = find(names, name);

	if (at == names->count)
		return false;
	free(names->list[at]);
	names->count--;
	memmove(&names->list[at], &names->list[at + 1], (names->count - at) * sizeof(*names->list));
	return true;
}

struct names names_copy(const struct names *names)
{
	struct names copy = { 0 };

	for (size_t i = 0; i < names->count; i++)
		names_add(&copy, names->list[i]);
	return copy;
}

void names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct names){ 0 };
}

char *names_text(const struct names *names, const char *between)
{
	char *text = file_path("%s", names->count ? names->list[0] : "");

	for (size_t i = 1; i < names->count; i++) {
		char *longer = file_path("%s%s%s", text, between, names->list[i]);

		free(text);
		text = longer;
	}
	return text;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/string_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static size_t find(const struct string_set *set, const char *text)
{
	size_t at = 0;

	while (at < set->count && strcmp(set->list[at], text) != 0)
		at++;
	return at;
}

bool string_set_has(const struct string_set *set, const char *text)
{
	return find(set, text) < set->count;
}

bool string_set_add(struct string_set *set, const char *text)
{
	if (string_set_has(set, text))
		return false;
	set->list = reallocarray(set->list, set->count + 1, sizeof(*set->list));
	if (!set->list)
		abort();
	set->list[set->count++] = text_format("%s", text);
	return true;
}

bool string_set_remove(struct string_set *set, const char *text)
{
	size_t at = find(set, text);

	if (at == set->count)
		return false;
	free(set->list[at]);
	set->count--;
	memmove(&set->list[at], &set->list[at + 1], (set->count - at) * sizeof(*set->list));
	return true;
}

struct string_set string_set_copy(const struct string_set *set)
{
	struct string_set copy = { 0 };

	for (size_t i = 0; i < set->count; i++)
		string_set_add(&copy, set->list[i]);
	return copy;
}

void string_set_free(struct string_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->list[i]);
	free(set->list);
	*set = (struct string_set){ 0 };
}

char *string_set_join(const struct string_set *set, const char *between)
{
	char *text = text_format("%s", set->count ? set->list[0] : "");

	for (size_t i = 1; i < set->count; i++) {
		char *longer = text_format("%s%s%s", text, between, set->list[i]);

		free(text);
		text = longer;
	}
	return text;
}

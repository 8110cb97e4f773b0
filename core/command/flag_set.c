/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/flag_set.h"

#include <stdlib.h>
#include <string.h>

const struct flag flag_debug = { "debug", 0, NULL,
	"Show with an error the place in the source where it arose" };
const struct flag flag_help = { "help", 'h', NULL, "Show this help" };

void flag_set_add(struct flag_set *set, const struct flag *flag)
{
	for (size_t i = 0; i < set->count; i++) {
		if (!strcmp(set->list[i]->name, flag->name))
			return;
	}
	set->list = reallocarray(set->list, set->count + 1, sizeof(*set->list));
	if (!set->list)
		abort();
	set->list[set->count++] = flag;
}

void flag_set_add_table(struct flag_set *set, const struct flag *flags)
{
	for (; flags && flags->name; flags++)
		flag_set_add(set, flags);
}

void flag_set_add_verb(struct flag_set *set, const struct verb *verb)
{
	const struct flag *table;

	flag_set_add_table(set, verb->flags);
	for (size_t i = 0; verb->more_flags && (table = verb->more_flags(i)); i++)
		flag_set_add_table(set, table);
}

void flag_set_free(struct flag_set *set)
{
	free(set->list);
	*set = (struct flag_set){ .list = NULL };
}

struct flag_set flag_set_of(const struct program *program, const struct verb *verb)
{
	struct flag_set set = { .list = NULL };

	flag_set_add_verb(&set, verb);
	flag_set_add_table(&set, program->flags);
	flag_set_add(&set, &flag_debug);
	flag_set_add(&set, &flag_help);
	return set;
}

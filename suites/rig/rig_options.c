/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "command/verb.h"
#include "rig/rig_kind.h"

/* The options of rigs on the command line. */

static const char *kind_word(size_t index, const char **help)
{
	const struct rig_kind *kind = rig_kinds[index];

	if (!kind)
		return NULL;
	*help = kind->help;
	return kind->name;
}

static const struct flag rig_flag[] = {
	{ "rig", 'r', "RIG", "The rig to run on (default: emulated)", kind_word },
	{ 0 },
};

const struct flag *rig_flags(size_t index)
{
	if (index == 0)
		return rig_flag;
	return rig_kinds[index - 1] ? rig_kinds[index - 1]->flags : NULL;
}

const struct flag *rig_flags_default(size_t index)
{
	return index == 0 ? rig_kinds[0]->flags : NULL;
}

const char *rig_option(const struct rig_options *options, const char *name)
{
	for (size_t i = 0; i < options->value_count; i++) {
		if (!strcmp(options->values[i].name, name))
			return options->values[i].value;
	}
	return NULL;
}

void rig_options_set(struct rig_options *options, const char *name, const char *value)
{
	size_t i = 0;

	while (i < options->value_count && strcmp(options->values[i].name, name) != 0)
		i++;
	if (i == RIG_VALUES_LIMIT)
		abort();
	options->values[i].name = name;
	options->values[i].value = value;
	options->value_count += i == options->value_count;
}

/* "ssh:HOST": the kind, and the target after the colon. */
static int read_kind(const char *text, struct rig_options *options, struct err *err)
{
	CLEANUP(cleanup_free) char *name = text_format("%.*s", (int)strcspn(text, ":"), text);
	const char *target = strchr(text, ':');
	CLEANUP(cleanup_free) char *names = text_format("%s", rig_kinds[0]->name);

	options->kind = rig_kind_find(name);
	options->target = target ? target + 1 : NULL;
	for (size_t i = 1; rig_kinds[i]; i++) {
		CLEANUP(cleanup_free) char *shorter = names;

		names = text_format("%s%s%s", shorter, rig_kinds[i + 1] ? ", " : " and ",
				rig_kinds[i]->name);
	}
	if (!options->kind)
		return err_set(err, EINVAL, "no rig '%s': there are %s", text, names);
	if (options->kind->target && (!target || !target[1]))
		return err_set(err, EINVAL, "--rig %s needs its %s: --rig %s:%s", text,
				options->kind->target, name, options->kind->target);
	if (target && !options->kind->target)
		return err_set(err, EINVAL, "--rig %s: the %s rig takes nothing after a colon",
				text, name);
	return 0;
}

/* An option of another kind would have no effect, so it is an error. */
static int read_flag(const struct verb_call *call, const struct rig_kind *kind,
		const struct flag *flag, struct rig_options *options, struct err *err)
{
	if (!call_has(call, flag->name))
		return 0;
	if (!rig_kind_has_option(options->kind, flag->name))
		return err_set(err, EINVAL, "--%s is for the %s rig only (--rig %s)", flag->name,
				kind->name, kind->name);
	rig_options_set(options, flag->name, flag->value ? call_value(call, flag->name) : "");
	return 0;
}

int rig_options_read(const struct verb_call *call, struct rig_options *options, struct err *err)
{
	const char *text = call_value(call, "rig");
	int rc = read_kind(text ? text : rig_kinds[0]->name, options, err);

	for (size_t i = 0; !rc && rig_kinds[i]; i++) {
		const struct flag *flag = rig_kinds[i]->flags;

		for (; !rc && flag->name; flag++)
			rc = read_flag(call, rig_kinds[i], flag, options, err);
	}
	return rc;
}

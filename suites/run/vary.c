/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/vary.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* The index of a combination is a number of mixed radix, with one digit for each axis. */

#define COMBINATIONS_LIMIT 256

static const struct {
	const char *name, *option;
} axis_table[VARY_AXES] = {
	[VARY_KERNEL] = { "kernel", "kernel" },
	[VARY_QEMU] = { "qemu", "qemu" },
	[VARY_LIBVIRT] = { "libvirt", "libvirt" },
	[VARY_NIC] = { "nic", "topology" },
};

const char *vary_axis_name(enum vary_axis axis)
{
	return axis_table[axis].name;
}

const char *vary_axis_option(enum vary_axis axis)
{
	return axis_table[axis].option;
}

bool vary_has(const struct vary *vary, enum vary_axis axis)
{
	for (size_t i = 0; i < vary->axis_count; i++) {
		if (vary->axes[i].axis == axis)
			return true;
	}
	return false;
}

size_t vary_count(const struct vary *vary)
{
	size_t count = vary->axis_count > 0;

	for (size_t i = 0; i < vary->axis_count; i++)
		count *= vary->axes[i].count;
	return count;
}

static int find_axis(const char *text, size_t length, enum vary_axis *axis)
{
	for (int i = 0; i < VARY_AXES; i++) {
		if (strlen(axis_table[i].name) == length &&
				!strncmp(text, axis_table[i].name, length)) {
			*axis = (enum vary_axis)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int add_value(struct vary *vary, const char *value, struct err *err)
{
	size_t last = vary->axis_count - 1, count = vary->axes[last].count;
	const char *name = axis_table[vary->axes[last].axis].name;

	if (!*value)
		return err_set(err, EINVAL, "--vary %s= has an empty value", name);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(vary->axes[last].values[i], value))
			return err_set(err, EINVAL, "--vary %s= has the value '%s' twice", name,
					value);
	}
	vary->axes[last].values = reallocarray(
			vary->axes[last].values, count + 1, sizeof(*vary->axes[last].values));
	if (!vary->axes[last].values)
		abort();
	vary->axes[last].values[vary->axes[last].count++] = text_format("%s", value);
	return 0;
}

static int add_axis(struct vary *vary, const char *text, struct err *err)
{
	size_t length = strcspn(text, "=");
	CLEANUP(cleanup_free) char *values = NULL;
	enum vary_axis axis;
	char *rest, *value;
	int rc = 0;

	if (!text[length] || find_axis(text, length, &axis) < 0)
		return err_set(err, EINVAL,
				"--vary '%s': must be kernel=, qemu=, libvirt= or nic= and values, as in "
				"kernel=6.1,6.12",
				text);
	if (vary_has(vary, axis))
		return err_set(err, EINVAL, "--vary %s= is given twice: list all values in one",
				axis_table[axis].name);
	vary->axes[vary->axis_count++].axis = axis;
	values = rest = text_format("%s", text + length + 1);
	while (!rc && (value = strsep(&rest, ",")))
		rc = add_value(vary, value, err);
	return rc;
}

int vary_parse(const char *const *texts, size_t count, struct vary *vary, struct err *err)
{
	int rc = 0;

	*vary = (struct vary){ 0 };
	for (size_t i = 0; !rc && i < count; i++)
		rc = add_axis(vary, texts[i], err);
	if (!rc && vary_count(vary) > COMBINATIONS_LIMIT)
		rc = err_set(err, EINVAL, "--vary gives %zu combinations, more than %d",
				vary_count(vary), COMBINATIONS_LIMIT);
	return rc;
}

void vary_free(struct vary *vary)
{
	for (size_t i = 0; i < vary->axis_count; i++) {
		for (size_t k = 0; k < vary->axes[i].count; k++)
			free(vary->axes[i].values[k]);
		free(vary->axes[i].values);
	}
	*vary = (struct vary){ 0 };
}

const char *vary_value(const struct vary *vary, size_t index, enum vary_axis axis)
{
	for (size_t i = vary->axis_count; i > 0; i--) {
		if (vary->axes[i - 1].axis == axis)
			return vary->axes[i - 1].values[index % vary->axes[i - 1].count];
		index /= vary->axes[i - 1].count;
	}
	return NULL;
}

/* Returns the last part of a path, reduced to characters that are safe in the name of a folder. */
static char *plain(const char *value)
{
	const char *slash = strrchr(value, '/');
	char *text = text_format("%s", slash && slash[1] ? slash + 1 : value);

	for (char *c = text; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr(".+~-", *c))
			*c = '-';
	}
	return text;
}

static char *name_without_number(const struct vary *vary, size_t index)
{
	char *name = text_format("%s", "");

	for (size_t i = 0; i < vary->axis_count; i++) {
		const char *value = vary_value(vary, index, vary->axes[i].axis);
		CLEANUP(cleanup_free) char *former = name;
		CLEANUP(cleanup_free) char *word = plain(value);

		name = text_format("%s%s%s-%s", former, i ? "_" : "",
				axis_table[vary->axes[i].axis].name, word);
	}
	return name;
}

/* Different paths may end with the same name; the later ones get a number. */
char *vary_name(const struct vary *vary, size_t index)
{
	CLEANUP(cleanup_free) char *name = name_without_number(vary, index);
	size_t same = 1;

	for (size_t i = 0; i < index; i++) {
		CLEANUP(cleanup_free) char *other = name_without_number(vary, i);

		same += !strcmp(name, other);
	}
	return same > 1 ? text_format("%s_%zu", name, same) : TAKE(name);
}

struct rig_options vary_set(const struct rig_options *base, enum vary_axis axis, const char *value)
{
	struct rig_options options = *base;

	rig_options_set(&options, axis_table[axis].option, value);
	return options;
}

struct rig_options vary_apply(const struct vary *vary, size_t index, const struct rig_options *base)
{
	struct rig_options options = *base;

	for (size_t i = 0; i < vary->axis_count; i++) {
		enum vary_axis axis = vary->axes[i].axis;

		options = vary_set(&options, axis, vary_value(vary, index, axis));
	}
	return options;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/desired_internal.h"

/*
 * Loads a host's policy files, each with its drop-ins: all of them, or at boot those without
 * errors.
 */

/* The errors of the first COUNT files of a source. */
static struct diagnostics judge(const struct policy_source *source, size_t count)
{
	CLEANUP(cleanup_desired) struct desired_set set = { 0 };
	struct policy_source begin = *source;
	struct diagnostics diagnostics = { 0 };

	begin.count = count;
	desired_build(&begin, false, &set, &diagnostics);
	return diagnostics;
}

static bool has_line(const struct diagnostics *diagnostics, const char *line)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		if (!strcmp(diagnostics->lines[i], line))
			return true;
	}
	return false;
}

static void tell_news(const struct diagnostics *found, const struct diagnostics *former,
		struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < found->count; i++) {
		if (!has_line(former, found->lines[i]))
			diagnostic_add(diagnostics, "%s", found->lines[i]);
	}
}

static void swap(struct diagnostics *a, struct diagnostics *b)
{
	struct diagnostics kept = *a;

	*a = *b;
	*b = kept;
}

/* A drop-in may correct an error of the files before it, such as a missing [Match]. One that
 * adds errors is taken out, and the next one is read as if it had never been there. */
static void take_out_bad(struct policy_source *source, struct diagnostics *diagnostics)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics former = judge(source, 1);

	for (size_t i = 1; i < source->count;) {
		CLEANUP(cleanup_diagnostics) struct diagnostics found = judge(source, i + 1);

		if (found.count <= former.count) {
			swap(&former, &found);
			i++;
			continue;
		}
		tell_news(&found, &former, diagnostics);
		policy_source_take_out(source, i, diagnostics);
	}
}

static bool is_good(const struct policy_source *source)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics found = judge(source, source->count);

	return !found.count;
}

static int load(const struct host *host, bool partial, struct desired_set *set,
		struct diagnostics *diagnostics, struct err *err)
{
	CLEANUP(cleanup_policy_sources) struct policy_sources sources = { 0 };
	int rc = policy_sources_load(host, partial, &sources, diagnostics, err);

	*set = (struct desired_set){ 0 };
	for (size_t i = 0; i < sources.count && !rc; i++) {
		struct policy_source *source = &sources.items[i];

		/* Two drop-ins may be correct only together. */
		if (partial && !source->broken && !is_good(source))
			take_out_bad(source, diagnostics);
		desired_build(source, false, set, diagnostics);
	}
	return rc;
}

int desired_load(const struct host *host, struct desired_set *set, struct diagnostics *diagnostics,
		struct err *err)
{
	return load(host, false, set, diagnostics, err);
}

int desired_load_partial(const struct host *host, struct desired_set *set,
		struct diagnostics *diagnostics, struct err *err)
{
	return load(host, true, set, diagnostics, err);
}

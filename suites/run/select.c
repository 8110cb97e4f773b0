/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/select.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/random.h"

#define NAME_LIMIT   64
#define CHECKS_LIMIT 10000
#define NEAR_COUNT   3

static const char *member_of(const struct record *declared, size_t index, const char *member)
{
	return record_str(record_at(declared, index), member, "");
}

const struct record *select_find(const struct record *declared, const char *id)
{
	for (size_t i = 0; i < record_length(declared); i++) {
		if (!strcmp(member_of(declared, i, "id"), id))
			return record_at(declared, i);
	}
	return NULL;
}

int select_validate(const struct record *declared, struct err *err)
{
	CLEANUP(cleanup_record) struct record *seen = record_object();

	if (record_type(declared) != RECORD_ARRAY || !record_length(declared) ||
			record_length(declared) > CHECKS_LIMIT)
		return err_set(err, EPROTO, "vfsuite sends no list of checks");
	for (size_t i = 0; i < record_length(declared); i++) {
		const char *id = member_of(declared, i, "id");
		const char *suite = member_of(declared, i, "suite");

		if (!*id || !*suite || strlen(id) >= NAME_LIMIT || strlen(suite) >= NAME_LIMIT)
			return err_set(err, EPROTO,
					"vfsuite's list of checks: entry %zu has no valid id or "
					"suite",
					i);
		if (record_get(seen, id))
			return err_set(err, EPROTO, "vfsuite's list of checks: %s is in it twice",
					id);
		record_put_bool(seen, id, true);
	}
	return 0;
}

/* The number of letters to insert, delete or replace to turn A into B. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_LIMIT + 1], length = strlen(b);

	if (strlen(a) >= NAME_LIMIT || length >= NAME_LIMIT)
		return NAME_LIMIT;
	for (size_t k = 0; k <= length; k++)
		row[k] = k;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t k = 0; k < length; k++) {
			size_t best = diagonal + (a[i] != b[k]);

			best = row[k] + 1 < best ? row[k] + 1 : best;
			best = row[k + 1] + 1 < best ? row[k + 1] + 1 : best;
			diagonal = row[k + 1];
			row[k + 1] = best;
		}
	}
	return row[length];
}

/* Writes "near: a, b" with the members similar to NAME, or the command that lists all. */
static void name_near(const struct record *declared, const char *member, const char *name,
		char *text, size_t size)
{
	const char *near[NEAR_COUNT] = { NULL };
	size_t far[NEAR_COUNT], used = 0, limit = 1 + strlen(name) / 4;

	for (size_t i = 0; i < record_length(declared); i++) {
		const char *candidate = member_of(declared, i, member);
		size_t away = strstr(candidate, name) ? 0 : distance(name, candidate), at = used;

		for (size_t k = 0; k < used; k++) {
			if (!strcmp(near[k], candidate))
				away = limit + 1;
		}
		while (at > 0 && far[at - 1] > away)
			at--;
		if (away > limit || at == NEAR_COUNT)
			continue;
		used += used < NEAR_COUNT;
		memmove(near + at + 1, near + at, (used - at - 1) * sizeof(*near));
		memmove(far + at + 1, far + at, (used - at - 1) * sizeof(*far));
		near[at] = candidate;
		far[at] = away;
	}
	snprintf(text, size, "%s", used ? "near: " : "");
	for (size_t k = 0; k < used && far[k] <= far[0] + 1; k++)
		snprintf(text + strlen(text), size - strlen(text), "%s%s", k ? ", " : "", near[k]);
	if (!used)
		snprintf(text, size, "vfcert list %ss shows them",
				!strcmp(member, "id") ? "check" : member);
}

static int all_known(const struct record *declared, const char *member, const char *const *names,
		size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		char near[3 * NAME_LIMIT + 32];
		bool found = false;

		for (size_t k = 0; !found && k < record_length(declared); k++)
			found = !fnmatch(names[i], member_of(declared, k, member), 0);
		if (found)
			continue;
		name_near(declared, member, names[i], near, sizeof(near));
		return err_set(err, EINVAL, "unknown %s '%s' (%s)",
				!strcmp(member, "id") ? "check" : "suite", names[i], near);
	}
	return 0;
}

static bool is_possible(const struct selection *selection, const struct record *check)
{
	const char *const *need = selection->lacking;

	while (need && *need && !record_has_text(record_get(check, "needs"), *need))
		need++;
	return !need || !*need;
}

static bool asked(const struct selection *selection, const struct record *check)
{
	bool slow = record_bool(check, "apart", false);

	if (!selection->suite_count && !selection->check_count)
		return !slow && is_possible(selection, check);
	for (size_t i = 0; i < selection->suite_count && !(slow && selection->skip_slow); i++) {
		if (!fnmatch(selection->suites[i], record_str(check, "suite", ""), 0))
			return true;
	}
	for (size_t i = 0; i < selection->check_count; i++) {
		if (!fnmatch(selection->checks[i], record_str(check, "id", ""), 0))
			return true;
	}
	return false;
}

int select_checks(const struct selection *selection, const struct record *declared,
		struct record **ids, struct err *err)
{
	int rc = all_known(declared, "suite", selection->suites, selection->suite_count, err);

	if (!rc)
		rc = all_known(declared, "id", selection->checks, selection->check_count, err);
	if (rc < 0)
		return rc;
	*ids = record_array();
	for (size_t i = 0; i < record_length(declared); i++) {
		if (asked(selection, record_at(declared, i)))
			record_add_str(*ids, member_of(declared, i, "id"));
	}
	return 0;
}

struct record *select_shuffle(const struct record *ids, uint64_t seed)
{
	size_t count = record_length(ids);
	const char **order = calloc(count + 1, sizeof(*order));
	struct record *shuffled = record_array();

	if (!order)
		abort();
	for (size_t i = 0; i < count; i++) {
		size_t at = random_next(&seed) % (i + 1);

		order[i] = order[at];
		order[at] = record_text(record_at(ids, i));
	}
	for (size_t i = 0; i < count; i++)
		record_add_str(shuffled, order[i]);
	free(order);
	return shuffled;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks/session.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

/* The step's evidence holds one item per statement: "check", "verdict", "reason", "evidence". Items
 * without "check" are evidence of the opening. */

static struct record *try_one(
		struct check_run *run, const struct statement *statement, void *subject)
{
	struct record *item = record_object(), *kept = run->evidence;
	enum verdict verdict;

	run->evidence = record_array();
	run->err = (struct err){ 0 };
	run->reason[0] = '\0';
	verdict = statement->judge(run, subject);
	record_put_str(item, "check", statement->check);
	record_put_int(item, "verdict", verdict);
	record_put_str(item, "reason", run->reason);
	record_put(item, "evidence", run->evidence);
	run->evidence = kept;
	return item;
}

void session_try(struct check_run *run, const struct statement *statements, size_t count,
		void *subject)
{
	for (size_t i = 0; i < count; i++)
		record_add(run->evidence, try_one(run, &statements[i], subject));
	run->err = (struct err){ 0 };
	run->reason[0] = '\0';
}

enum verdict session_verdict(struct check_run *run)
{
	const struct record *item, *own = NULL, *piece;

	for (size_t i = 0; (item = record_at(run->observed, i)); i++) {
		const char *check = record_str(item, "check", NULL);

		if (!check)
			record_add(run->evidence, record_copy(item));
		else if (!strcmp(check, run->check->id))
			own = item;
	}
	if (!own)
		return check_broken(run, "the session did not reach this statement");
	for (size_t i = 0; (piece = record_at(record_get(own, "evidence"), i)); i++)
		record_add(run->evidence, record_copy(piece));
	snprintf(run->reason, sizeof(run->reason), "%s", record_str(own, "reason", ""));
	return (enum verdict)record_int(own, "verdict", VERDICT_BROKEN);
}

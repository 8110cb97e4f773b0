/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "reports/results/changes.h"
#include "run/output.h"
#include "vfcert/call.h"
#include "vfcert/setup.h"

/* vfcert diff: the differences between two runs. */

static int open_run(const char *path, struct results_reader **reader, struct err *err)
{
	int rc = output_open(path, reader, err);

	return rc == -ENOENT ? -(err->code = EINVAL) : rc;
}

static void print_identity(const struct record *changes)
{
	static const char *const headings[] = { "IDENTITY", "BEFORE", "AFTER" };
	const struct record *identity = record_get(changes, "identity");
	CLEANUP(cleanup_table) struct table *table = table_new(3, headings);

	for (size_t i = 0; i < record_length(identity); i++) {
		const struct record *member = record_at(identity, i);

		table_cell(table, "%s", record_str(member, "member", ""));
		table_cell(table, "%s", record_str(member, "before", "-"));
		table_cell(table, "%s", record_str(member, "after", "-"));
	}
	if (record_length(identity)) {
		table_print(table, stdout);
		putchar('\n');
	}
}

static void print_verdicts(const struct record *changes, bool colour)
{
	const struct record *verdicts = record_get(changes, "verdicts");

	for (size_t i = 0; i < record_length(verdicts); i++) {
		const struct record *change = record_at(verdicts, i);
		bool worse = record_bool(change, "worse", false);

		printf("%s%-7s%s ",
				!colour                 ? ""
						: worse ? "\033[1;31m"
							: "\033[32m",
				worse ? "worse" : "better", colour ? "\033[0m" : "");
		text_print_safe(record_str(change, "id", ""), stdout);
		printf(": %s, was %s", record_str(change, "after", "not run"),
				record_str(change, "before", "not run"));
		if (record_str(change, "reason", NULL)) {
			fputs(": ", stdout);
			text_print_safe(record_str(change, "reason", ""), stdout);
		}
		putchar('\n');
	}
}

static void print_durations(const struct record *changes)
{
	const struct record *durations = record_get(changes, "durations");

	for (size_t i = 0; i < record_length(durations); i++) {
		const struct record *change = record_at(durations, i);
		double before = record_real(change, "before_s", 0);
		double after = record_real(change, "after_s", 0);

		fputs(after > before ? "slower  " : "faster  ", stdout);
		text_print_safe(record_str(change, "id", ""), stdout);
		printf(": %.2f s, was %.2f s\n", after, before);
	}
}

static void print_summary(const struct record *changes)
{
	printf("%lld worse, %lld better, %lld the same", (long long)record_int(changes, "worse", 0),
			(long long)record_int(changes, "better", 0),
			(long long)record_int(changes, "same", 0));
	if (record_real(changes, "pace", 0) > 0)
		printf("; checks took %.2f times as long, durations differ by %.2f times by chance",
				record_real(changes, "pace", 0), record_real(changes, "noise", 0));
	putchar('\n');
}

static int diff_verb(struct verb_call *call)
{
	CLEANUP(cleanup_reader) struct results_reader *before = NULL, *after = NULL;
	CLEANUP(cleanup_record) struct record *changes = NULL;
	struct err err = { 0 };
	int rc = open_run(call->args[0], &before, &err);

	if (!rc)
		rc = open_run(call->args[1], &after, &err);
	if (!rc)
		rc = changes_between(before, after, &changes, &err);
	if (rc < 0)
		return call_failed(call, &err);
	if (call_has(call, "json")) {
		CLEANUP(cleanup_free) char *text = record_print_pretty(changes);

		puts(text);
	} else {
		print_identity(changes);
		print_verdicts(changes, call_colour(STDOUT_FILENO));
		print_durations(changes);
		print_summary(changes);
	}
	return record_int(changes, "worse", 0) ? EXIT_FAILED : EXIT_GOOD;
}

static const struct flag diff_flags[] = {
	{ "json", 0, NULL, "Print the changes as JSON" },
	{ 0 },
};

const struct verb diff_verbs[] = {
	{ .name = "diff",
			.args = "BEFORE AFTER",
			.summary = "Show what changed between two runs",
			.details = "BEFORE and AFTER are folders of runs, or their results.json. Shows "
				   "the differences of card, software and platform, each check whose "
				   "verdict has changed, and each check whose duration has changed by "
				   "more than chance explains. How much durations vary by chance is "
				   "estimated from these two runs, after the pace of the whole "
				   "machine.\n\n"
				   "A check is worse when it fails, is broken or has changed and was "
				   "not before; when it is known to fail or is skipped and passed "
				   "before; and when it has not run but did before.\n\n"
				   "Exit status: 0 no check is worse, 1 a check is worse. A longer "
				   "duration is not worse. For many runs at once: vfcert matrix.",
			.flags = diff_flags,
			.run = diff_verb },
	{ 0 },
};

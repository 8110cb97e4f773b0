/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "base/table.h"
#include "cli/cli.h"
#include "sriov/reservation.h"

int call_host(const struct verb_call *call, struct host **host, struct err *err)
{
	const char *root = call_value(call, "root");

	return host_open(root ? root : "/", host, err);
}

void notes_print(const struct diagnostics *notes, const char *more)
{
	for (size_t i = 0; i < notes->count; i++) {
		fputs("note: ", stderr);
		text_print_safe(notes->lines[i], stderr);
		fprintf(stderr, "%s\n", more);
	}
}

/* The first verb that changes something also cleans up after killed managers and stopped machines. */
static void settle(const struct host *host)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics notes = { 0 };

	reservations_settle(host, &notes);
	notes_print(&notes, "");
}

int call_lock(const struct verb_call *call, const struct host *host, int *lock, struct err *err)
{
	const char *text = call_value(call, "wait");
	uint64_t wait_s = LOCK_WAIT_S;
	int rc;

	if (text && number_parse(text, 0, 86400, &wait_s) < 0)
		return err_set(err, EINVAL, "--wait takes seconds from 0 to 86400, not '%s'", text);
	/* A recorded tree may be the only record of its host. */
	if (!host_is_live(host) && !call_has(call, "write-tree"))
		return err_set(err, EINVAL,
				"%.240s is a recorded tree, and vfctl %s would change it: give "
				"--write-tree if you want that",
				host_root(host), call->verb->name);
	rc = lock_take(host, call->verb->name, (int)wait_s, lock, err);
	if (!rc)
		settle(host);
	return rc;
}

int call_printed(const struct verb_call *call)
{
	struct err err = { 0 };

	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_GOOD;
	err_sys(&err, "cannot write to standard output");
	return call_failed(call, &err);
}

int call_print(const struct verb_call *call, const char *schema, const char *key,
		struct record *record)
{
	CLEANUP(cleanup_record) struct record *whole = record_object();
	CLEANUP(cleanup_free) char *text = NULL;

	record_put_str(whole, "schema", schema);
	record_put(whole, key, record);
	text = record_print_pretty(whole);
	puts(text);
	return call_printed(call);
}

void fact_print(const char *name, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("  %-14s ", name);
	text_print_safe(text, stdout);
	putchar('\n');
}

int diagnostics_print(
		const struct verb_call *call, const struct diagnostics *diagnostics, int status)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		fprintf(stderr, "%s %s: ", call->program->name, call->verb->name);
		text_print_safe(diagnostics->lines[i], stderr);
		fputc('\n', stderr);
	}
	return status == EXIT_GOOD && diagnostics->count ? EXIT_USAGE : status;
}

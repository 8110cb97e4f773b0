/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

static void say_why(struct check_run *run, const char *format, va_list args)
{
	size_t used;

	vsnprintf(run->reason, sizeof(run->reason), format, args);
	used = strlen(run->reason);
	if (run->err.code)
		snprintf(run->reason + used, sizeof(run->reason) - used, ": %s", run->err.msg);
}

#define SAY_WHY(run, format)                 \
	do {                                 \
		va_list args_;               \
		va_start(args_, format);     \
		say_why(run, format, args_); \
		va_end(args_);               \
	} while (0)

enum verdict check_fail(struct check_run *run, const char *format, ...)
{
	SAY_WHY(run, format);
	return VERDICT_FAIL;
}

enum verdict check_broken(struct check_run *run, const char *format, ...)
{
	SAY_WHY(run, format);
	return VERDICT_BROKEN;
}

enum verdict check_skip(struct check_run *run, const char *format, ...)
{
	SAY_WHY(run, format);
	return VERDICT_SKIP;
}

enum verdict check_unsupported(struct check_run *run, const char *format, ...)
{
	SAY_WHY(run, format);
	run->unsupported = true;
	return VERDICT_SKIP;
}

static struct record *evidence(struct check_run *run, const char *name)
{
	struct record *item = record_object();

	record_put_str(item, "name", name);
	record_add(run->evidence, item);
	return item;
}

void evidence_int(struct check_run *run, const char *name, int64_t value, const char *unit)
{
	struct record *item = evidence(run, name);

	record_put_int(item, "value", value);
	record_put_str(item, "unit", unit);
}

void evidence_text(struct check_run *run, const char *name, const char *format, ...)
{
	struct record *item = evidence(run, name);
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	record_put_str(item, "value", text);
	record_put_null(item, "unit");
}

void evidence_by_guest(struct check_run *run)
{
	size_t count = record_length(run->evidence);

	if (count)
		record_put_str(record_edit_at(run->evidence, count - 1), "by", "guest");
}

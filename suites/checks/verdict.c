/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "observe/dut.h"

unsigned check_vf(const struct check_run *run, unsigned vf)
{
	return vf < run->dut->listed ? run->dut->vfs[vf].number : vf;
}

void check_name_vfs(const struct check_run *run, const char *text, char named[CHECK_TEXT])
{
	size_t used = 0;

	for (const char *at; (at = strstr(text, "VF ")) && used < CHECK_TEXT;) {
		char *end;

		at += strlen("VF ");
		used += (size_t)snprintf(
				named + used, CHECK_TEXT - used, "%.*s", (int)(at - text), text);
		text = at;
		if (*at < '0' || *at > '9' || used >= CHECK_TEXT)
			continue;
		used += (size_t)snprintf(named + used, CHECK_TEXT - used, "%u",
				check_vf(run, (unsigned)strtoul(at, &end, 10)));
		text = end;
	}
	if (used < CHECK_TEXT)
		snprintf(named + used, CHECK_TEXT - used, "%s", text);
}

static void say_why(struct check_run *run, const char *format, va_list args)
{
	char named[CHECK_TEXT];
	size_t used;

	check_name_vfs(run, format, named);
	vsnprintf(run->reason, sizeof(run->reason), named, args);
	used = strlen(run->reason);
	if (run->err.code)
		snprintf(run->reason + used, sizeof(run->reason) - used, ": %s", run->err.msg);
}

static enum verdict stand_on(struct check_run *run, const char *id)
{
	char why[CHECK_TEXT];

	snprintf(why, sizeof(why), "%s", run->reason);
	snprintf(run->reason, sizeof(run->reason), "needs %s, which fails: %.300s", id, why);
	run->stands_on = id;
	return VERDICT_SKIP;
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
	run->stands_on = NULL;
	return VERDICT_FAIL;
}

/* "broken" is for the rig and for the check itself. A path that the card must carry is neither. */
enum verdict check_broken(struct check_run *run, const char *format, ...)
{
	SAY_WHY(run, format);
	return run->lost_path ? stand_on(run, run->lost_path) : VERDICT_BROKEN;
}

enum verdict check_needs(struct check_run *run, const char *id, const char *format, ...)
{
	SAY_WHY(run, format);
	return stand_on(run, id);
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
	char named[CHECK_TEXT];

	check_name_vfs(run, name, named);
	record_put_str(item, "name", named);
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

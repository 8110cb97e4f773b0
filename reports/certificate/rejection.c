/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/certificate/rejection.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

int reject(struct rejection *rejection, const char *name, const char *format, ...)
{
	va_list args;

	if (*rejection->name)
		return -EBADMSG;
	snprintf(rejection->name, sizeof(rejection->name), "%s", name);
	va_start(args, format);
	vsnprintf(rejection->why, sizeof(rejection->why), format, args);
	va_end(args);
	return -EBADMSG;
}

int rejection_parse(const char *source, const char *text, size_t length, struct record **record,
		struct rejection *rejection)
{
	CLEANUP(cleanup_record) struct record *fresh = NULL;
	CLEANUP(cleanup_free) char *canonical = NULL;
	struct err err = { 0 };

	if (record_parse(source, text, length, &fresh, &err) < 0)
		return reject(rejection,
				strstr(err.msg, "duplicate") ? "duplicate-keys" : "unreadable",
				"%s", err.msg);
	if (record_type(fresh) != RECORD_OBJECT)
		return reject(rejection, "unreadable", "%s is no JSON object", source);
	canonical = record_print_canonical(fresh);
	if (strlen(canonical) != length || memcmp(canonical, text, length))
		return reject(rejection, "not-canonical",
				"%s is not in canonical form (one line, keys sorted): another program "
				"has written it",
				source);
	*record = TAKE(fresh);
	return 0;
}

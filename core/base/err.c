/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set_at(struct err *err, struct err_origin origin, int code, const char *format, ...)
{
	va_list args;

	if (!err || err->code)
		return -code;
	err->code = code;
	err->origin = origin;
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	return -code;
}

int err_sys_at(struct err *err, struct err_origin origin, const char *format, ...)
{
	int code = errno ? errno : EIO;
	size_t used;
	va_list args;

	if (!err || err->code)
		return -code;
	err->code = code;
	err->origin = origin;
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", strerror(code));
	return -code;
}

const char *err_origin_print(const struct err *err, char text[ERR_ORIGIN_TEXT])
{
	if (err->origin.file)
		snprintf(text, ERR_ORIGIN_TEXT, "%s:%d in %s()", err->origin.file, err->origin.line,
				err->origin.function);
	else
		snprintf(text, ERR_ORIGIN_TEXT, "a place that is not known");
	return text;
}

void err_prefix(struct err *err, const char *format, ...)
{
	char rest[sizeof(err->msg)];
	size_t used;
	va_list args;

	if (!err || !err->code)
		return;
	memcpy(rest, err->msg, sizeof(rest));
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used, "%s", rest);
}

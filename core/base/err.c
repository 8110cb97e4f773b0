/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int code, const char *format, ...)
{
	va_list args;

	if (!err || err->code)
		return -code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	return -code;
}

int err_sys(struct err *err, const char *format, ...)
{
	int code = errno ? errno : EIO;
	size_t used;
	va_list args;

	if (!err || err->code)
		return -code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", strerror(code));
	return -code;
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

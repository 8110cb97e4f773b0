/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/timestamp.h"

#include <errno.h>

#define FORM "%Y-%m-%dT%H:%M:%SZ"

const char *timestamp_format(time_t moment, char text[TIMESTAMP_SIZE])
{
	struct tm utc;

	strftime(text, TIMESTAMP_SIZE, FORM, gmtime_r(&moment, &utc));
	return text;
}

int timestamp_parse(const char *text, time_t *moment)
{
	struct tm utc = { 0 };
	const char *end = strptime(text, FORM, &utc);

	if (!end || *end)
		return -EINVAL;
	*moment = timegm(&utc);
	return 0;
}

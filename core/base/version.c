/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/version.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int version_compare(const char *a, const char *b)
{
	for (;;) {
		unsigned long x = strtoul(a, (char **)&a, 10), y = strtoul(b, (char **)&b, 10);

		if (x != y)
			return x < y ? -1 : 1;
		a += *a == '.' && isdigit((unsigned char)a[1]);
		b += *b == '.' && isdigit((unsigned char)b[1]);
		if (!isdigit((unsigned char)*a) && !isdigit((unsigned char)*b))
			return 0;
		if (!isdigit((unsigned char)*a))
			a = "";
		if (!isdigit((unsigned char)*b))
			b = "";
	}
}

bool version_begins(const char *version, const char *beginning)
{
	size_t length = strlen(beginning);

	return !strncmp(version, beginning, length) && !isdigit((unsigned char)version[length]);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bool.h"

#include <errno.h>
#include <stddef.h>
#include <strings.h>

int bool_parse(const char *text, bool *value)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1",
		"n", "y", "f", "t" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcasecmp(text, words[i]) != 0)
			continue;
		*value = i % 2;
		return 0;
	}
	return -EINVAL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/name.h"

#include <ctype.h>
#include <string.h>

bool name_is_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t length = strlen(name);

	return length && length <= NAME_MOST && strspn(name, letters) == length &&
			isalnum((unsigned char)*name);
}

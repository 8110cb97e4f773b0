/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/vf_name.h"

#include <string.h>

size_t vf_name_stem(const char *pf_name)
{
	size_t length = strlen(pf_name), digits = length;

	while (digits && strchr("0123456789", pf_name[digits - 1]))
		digits--;
	return digits != length && digits > 2 && !strncmp(pf_name + digits - 2, "np", 2)
			? digits - 2
			: length;
}

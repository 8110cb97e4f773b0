/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fnmatch.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "policy/other_manager_internal.h"

bool pattern_list_matches(const char *list, const char *separators, const char *value)
{
	CLEANUP(cleanup_free) char *copy = file_path("%s", list);
	bool found = false;
	char *rest = copy, *word;

	while ((word = strsep(&rest, separators)))
		found |= *word && !fnmatch(word, value, FNM_CASEFOLD);
	return found;
}

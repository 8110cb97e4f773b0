/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/results/patterns.h"

#include <fnmatch.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

bool patterns_match(const char *patterns, const char *text)
{
	CLEANUP(cleanup_free) char *copy = text_format("%s", patterns);
	char *rest = copy, *word;
	bool matches = false;

	while ((word = strsep(&rest, " \t"))) {
		bool excludes = *word == '!';

		if (*word && !fnmatch(word + excludes, text, 0))
			matches = !excludes;
	}
	return matches;
}

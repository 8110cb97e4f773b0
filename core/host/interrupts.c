/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/interrupts.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/host_file.h"

/*
 * proc/interrupts has a header, then "LABEL: COUNT..." for each interrupt, with one count per CPU
 * and words after them, the last of which names the handler.
 */

static bool fits(const char *label, const char *rest, const char *pattern)
{
	const char *name = strrchr(rest, ' ');

	return !fnmatch(pattern, label, 0) || (name && !fnmatch(pattern, name + 1, 0));
}

static uint64_t sum_counts(const char *text)
{
	uint64_t sum = 0;
	char *end;

	for (;;) {
		unsigned long long count = strtoull(text, &end, 10);

		if (end == text || (*end && *end != ' '))
			return sum;
		sum += count;
		text = end;
	}
}

int interrupts_taken(const struct host *host, const char *pattern, uint64_t *taken, struct err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	char *rest, *line;
	int rc = host_file_read(host, "proc/interrupts", 1 << 22, &text, NULL, err);

	if (rc < 0)
		return rc;
	*taken = 0;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		char *label = line + strspn(line, " "), *colon = strchr(label, ':');

		if (!colon)
			continue;
		*colon = '\0';
		if (fits(label, colon + 1, pattern))
			*taken += sum_counts(colon + 1);
	}
	return 0;
}

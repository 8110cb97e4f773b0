/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/number.h"

static void take_line(struct faults *faults, char *line)
{
	faults->lines = realloc(faults->lines, (faults->count + 1) * sizeof(*faults->lines));
	if (!faults->lines)
		abort();
	faults->lines[faults->count++] = line;
}

void fault_add(struct faults *faults, const char *format, ...)
{
	va_list args;
	char *line;

	va_start(args, format);
	if (vasprintf(&line, format, args) < 0)
		abort();
	va_end(args);
	take_line(faults, line);
}

void fault_at(struct faults *faults, const struct ini *ini, const struct ini_entry *entry,
		const char *format, ...)
{
	CLEANUP(cleanup_free) char *what = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&what, format, args) < 0)
		abort();
	va_end(args);
	fault_add(faults, "%s:%u:%u: %s", ini->file, entry->line, entry->column, what);
}

void faults_free(struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		free(faults->lines[i]);
	free(faults->lines);
	*faults = (struct faults){ 0 };
}

void cleanup_faults(struct faults *faults)
{
	faults_free(faults);
}

bool entry_bool(const struct ini *ini, const struct ini_entry *entry, bool *value,
		struct faults *faults)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcasecmp(entry->value, words[i]) != 0)
			continue;
		*value = i % 2;
		return true;
	}
	fault_at(faults, ini, entry, "%s= takes yes or no, not '%s'", entry->key, entry->value);
	return false;
}

bool entry_number(const struct ini *ini, const struct ini_entry *entry, uint64_t min, uint64_t max,
		uint64_t *value, struct faults *faults)
{
	if (!number_parse(entry->value, min, max, value))
		return true;
	fault_at(faults, ini, entry, "%s= takes a number from %llu to %llu, not '%s'", entry->key,
			(unsigned long long)min, (unsigned long long)max, entry->value);
	return false;
}

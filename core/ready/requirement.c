/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ready/requirement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void requirement_add(struct readiness *readiness, const char *id, const char *subject,
		enum requirement_state state, const char *remedy, const char *format, ...)
{
	struct requirement *item;
	va_list args;

	readiness->items = reallocarray(readiness->items, readiness->count + 1, sizeof(*item));
	if (!readiness->items)
		abort();
	item = &readiness->items[readiness->count++];
	*item = (struct requirement){
		.id = id, .state = state, .remedy = state == REQUIREMENT_MET ? NULL : remedy
	};
	snprintf(item->subject, sizeof(item->subject), "%s", subject);
	va_start(args, format);
	vsnprintf(item->found, sizeof(item->found), format, args);
	va_end(args);
}

struct record *readiness_to_record(const struct readiness *readiness)
{
	static const char *const states[] = { "met", "missing", "weak", "unknown" };
	struct record *array = record_array();

	for (size_t i = 0; i < readiness->count; i++) {
		const struct requirement *item = &readiness->items[i];
		struct record *record = record_object();

		record_put_str(record, "id", item->id);
		record_put_str(record, "subject", item->subject);
		record_put_str(record, "state", states[item->state]);
		record_put_str(record, "found", item->found);
		record_put_str(record, "remedy", item->remedy);
		record_add(array, record);
	}
	return array;
}

void readiness_free(struct readiness *readiness)
{
	free(readiness->items);
	*readiness = (struct readiness){ 0 };
}

void cleanup_readiness(struct readiness *readiness)
{
	readiness_free(readiness);
}

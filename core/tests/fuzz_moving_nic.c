/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/name.h"
#include "migrate/moving_nic.h"
#include "tests/fuzz.h"

static struct moving_nics first, second;

/* What is taken has names that can be parts of paths and of XML, and is told as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_record) struct record *record = NULL;
	CLEANUP(cleanup_record) struct record *again = NULL;
	CLEANUP(cleanup_record) struct record *third = NULL;
	CLEANUP(cleanup_free) char *was = NULL;
	CLEANUP(cleanup_free) char *is = NULL;
	struct err err = { 0 };

	if (record_parse("f", (const char *)data, size, &record, NULL) < 0)
		return 0;
	if (moving_nics_from_record(record, &first, &err) < 0) {
		if (err.code != EINVAL || !*err.msg)
			abort();
		return 0;
	}
	for (size_t i = 0; i < first.count; i++) {
		if (!name_is_valid(first.list[i].nic) || !name_is_valid(first.list[i].profile))
			abort();
	}
	again = moving_nics_to_record(&first);
	if (moving_nics_from_record(again, &second, NULL) < 0)
		abort();
	third = moving_nics_to_record(&second);
	was = record_print(again);
	is = record_print(third);
	if (strcmp(was, is) != 0)
		abort();
	if (!moving_answer_from_record(record, &first, NULL)) {
		for (size_t i = 0; i < first.count; i++) {
			if (*first.list[i].bridge && !name_is_valid(first.list[i].bridge))
				abort();
		}
	}
	return 0;
}

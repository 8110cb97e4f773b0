/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "data/record.h"
#include "tests/fuzz.h"

/* An accepted record can be printed; the text is accepted again and prints the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_record) struct record *record = NULL, *again = NULL;
	CLEANUP(cleanup_free) char *first = NULL, *second = NULL;
	struct err err = { 0 };

	if (record_parse("f", (const char *)data, size, &record, &err) < 0) {
		if (err.code != EINVAL || !*err.msg)
			abort();
		return 0;
	}
	first = record_print(record);
	if (record_parse("f", first, strlen(first), &again, NULL) < 0)
		abort();
	second = record_print(again);
	if (strcmp(first, second) != 0)
		abort();
	return 0;
}

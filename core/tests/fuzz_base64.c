/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "data/base64.h"
#include "tests/fuzz.h"

/* An accepted text equals the encoding of its data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_free) char *text = strndup((const char *)data, size);
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	CLEANUP(cleanup_free) char *again = NULL;
	size_t length;

	if (!text)
		abort();
	if (base64_parse(text, &bytes, &length) < 0)
		return 0;
	again = base64_print(bytes, length);
	if (strcmp(text, again) != 0)
		abort();
	return 0;
}

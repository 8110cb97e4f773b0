/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/bdf.h"
#include "base/cleanup.h"
#include "base/guid.h"
#include "base/mac.h"
#include "base/number.h"
#include "tests/fuzz.h"

/* An accepted address parses to the same value after formatting. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(cleanup_free) char *text = strndup((const char *)data, size);
	char bdf_text[BDF_TEXT], mac_text[MAC_TEXT], guid_text[GUID_TEXT];
	struct bdf bdf, bdf_again;
	struct mac mac, mac_again;
	uint64_t number, guid, guid_again;

	if (!bdf_parse(text, &bdf) &&
			(bdf_parse(bdf_format(bdf, bdf_text), &bdf_again) < 0 ||
					!bdf_equal(bdf, bdf_again)))
		abort();
	if (!mac_parse(text, &mac) &&
			(mac_parse(mac_format(mac, mac_text), &mac_again) < 0 ||
					!mac_equal(mac, mac_again)))
		abort();
	if (!guid_parse(text, &guid) &&
			(guid_parse(guid_format(guid, guid_text), &guid_again) < 0 ||
					guid != guid_again))
		abort();
	if (!number_parse(text, 5, 500, &number) && (number < 5 || number > 500))
		abort();
	return 0;
}

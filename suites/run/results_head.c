/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/results_head.h"

#include <string.h>

#include "base/cleanup.h"
#include "data/digest.h"

void results_head_put(const struct run *run, const struct record *declared, struct record *head)
{
	CLEANUP(cleanup_free) char *text = record_print_canonical(declared);
	struct record *suite = record_object();
	char digest[DIGEST_TEXT];

	digest_bytes(text, strlen(text), digest);
	record_put_str(suite, "program", record_str(rig_identity(run->rig), "vfsuite", NULL));
	record_put_str(suite, "checks", digest);
	record_put(head, "suite", suite);
	record_put_str(head, "quirks", run->quirks ? quirks_digest(run->quirks) : NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/suite.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/digest.h"

void suite_put(const struct conduct *conduct, const struct record *declared, struct record *run)
{
	CLEANUP(cleanup_free) char *text = record_print_canonical(declared);
	struct record *suite = record_object();
	char digest[DIGEST_TEXT];

	digest_bytes(text, strlen(text), digest);
	record_put_str(suite, "program", record_str(conduct->rig, "vfsuite", NULL));
	record_put_str(suite, "checks", digest);
	record_put(run, "suite", suite);
	record_put_str(run, "quirks", conduct->quirks ? quirks_digest(conduct->quirks) : NULL);
}

void suite_put_salt(struct record *question)
{
	uint64_t random[2];
	char salt[33];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return;
	snprintf(salt, sizeof(salt), "%016llx%016llx", (unsigned long long)random[0],
			(unsigned long long)random[1]);
	record_put_str(question, "salt", salt);
}

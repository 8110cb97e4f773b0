/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_TESTS_CERTIFIED_H
#define REPORTS_TESTS_CERTIFIED_H

#include "reports/certificate/certificate.h"

/* Results that can be certified, and their certificate. Tests change one or the other, sign it
 * again with the same key, and check why it is rejected. */
struct certified {
	struct key *key;
	struct certification_profile *profile;
	struct record *identity, *results, *proof; /* tests change them before they file them */
	struct certificate_files files;            /* made from these */
	struct record *statement, *opened;
	char *text; /* the envelope */
	struct rejection rejection;
};

#define CERTIFIED_ISSUED 1780272000 /* 2026-06-01T00:00:00Z; valid for 30 days */
#define DAY              (24 * 60 * 60)

/* For cmocka. */
int certified_setup(void **state);
int certified_teardown(void **state);

/* Writes identity, results and proof into files. */
void certified_file(struct certified *fixture);

/* Does the same, and makes a new statement; -EBADMSG if it cannot be certified. */
int certified_build(struct certified *fixture);

/* Signs the statement as it is, into text. */
void certified_seal(struct certified *fixture, const char *type);

/* Does all that verify does on the first day, with LENGTH bytes of TEXT and the files. */
int certified_accept(struct certified *fixture, const char *text, size_t length);

/* Fails unless RC is a rejection with that name. */
void certified_expect(const struct certified *fixture, int rc, const char *name);

#endif

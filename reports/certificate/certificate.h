/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_CERTIFICATE_H
#define REPORTS_CERTIFICATE_CERTIFICATE_H

#include "base/timestamp.h"
#include "data/signature.h"
#include "reports/certificate/certificate_files.h"

/*
 * A certificate is an in-toto statement (v1) about identity.json and results.json, with the predicate
 * test-result (v0.1), in a DSSE envelope. Predicate:
 *
 *   result          PASSED; WARNED: some checks fail as quirks predict; FAILED: some fail
 *   configuration   SHA-256 of vfsuite, of the list of its checks, of the quirks, of the profile, and of
 *                   proof.json
 *   passedTests, warnedTests (known), failedTests (fail, changed)   ids of checks
 *   certificate     what test-result has no place for, which its readers pass over:
 *     {"schema":"vfcert-certificate/1","serial","issued","expires","profile","origin",
 *      "identity":{as identity.json},"capabilities":[as capability_assess(), without origin, pass and total],
 *      "proof":{as proof_summary()} or null}
 *
 * serial is random, issued and expires are timestamps (base/timestamp.h).
 */
#define CERTIFICATE_TYPE "application/vnd.in-toto+json"

/* Makes the statement about FILES, which have been parsed, or rejects them. It is valid for DAYS
 * from ISSUED. */
int certificate_build(const struct certificate_files *files,
		const struct certification_profile *profile, time_t issued, unsigned days,
		struct record **statement, struct rejection *rejection);

/* Verifies an envelope with one of the keys, and parses the signed statement. */
int certificate_open(const char *text, size_t length, struct key *const keys[], size_t count,
		struct record **statement, const struct key **key, struct rejection *rejection);

/* Rejects a statement that is not valid at NOW, or in which a check that the profile makes
 * mandatory did not pass. The verifier chooses the profile. */
int certificate_validate(const struct record *statement,
		const struct certification_profile *profile, time_t now,
		struct rejection *rejection);

/* Rejects FILES that are not those of the statement, or that could not be certified again. */
int certificate_validate_files(const struct record *statement, struct certificate_files *files,
		const struct certification_profile *profile, struct rejection *rejection);

/* The member "certificate" of the predicate. */
const struct record *certificate_part(const struct record *statement);

#endif

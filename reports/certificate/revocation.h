/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_REVOCATION_H
#define REPORTS_CERTIFICATE_REVOCATION_H

#include <time.h>

#include "data/signature.h"
#include "reports/certificate/rejection.h"

/*
 * The certificates that their signer revokes, signed like them in a DSSE envelope of the payload
 * type below:
 *
 *   {"schema":"vfcert-revocations/1","issued","revoked":[{"serial","revoked","reason"}]}
 *
 * A list replaces the previous one, and only grows.
 */
#define REVOCATION_TYPE "application/vnd.vfcert.revocations+json"

struct record *revocation_new(void);

/* Adds the certificate unless the list has it. REASON may be NULL. */
void revocation_add(struct record *list, const char *serial, const char *reason, time_t now);

/* Verifies an envelope with one of the keys, and parses the signed list. */
int revocation_open(const char *text, size_t length, struct key *const keys[], size_t count,
		struct record **list, struct rejection *rejection);

/* Rejects the certificate as "revoked" if it is on the list. */
int revocation_validate(const struct record *list, const struct record *statement,
		struct rejection *rejection);

#endif

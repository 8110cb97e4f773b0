/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_REVOCATION_H
#define REPORTS_CERTIFICATE_REVOCATION_H

#include <time.h>

#include "data/signature.h"
#include "reports/certificate/rejection.h"

/*
 * The certificates that their signer takes back, signed like them in a DSSE envelope of the payload
 * type below:
 *
 *   {"schema":"vfcert-revocations/1","issued","revoked":[{"serial","revoked","reason"}]}
 *
 * A list replaces the one before it, and only grows.
 */
#define REVOCATION_TYPE "application/vnd.vfcert.revocations+json"

struct record *revocation_new(void);

/* Adds the certificate, once. REASON may be NULL. */
void revocation_add(struct record *list, const char *serial, const char *reason, time_t now);

/* Verifies an envelope with one of the keys, and parses what was signed. */
int revocation_open(const char *text, size_t length, struct key *const keys[], size_t count,
		struct record **list, struct rejection *rejection);

/* "revoked" where the certificate is on the list. */
int revocation_validate(const struct record *list, const struct record *statement,
		struct rejection *rejection);

#endif

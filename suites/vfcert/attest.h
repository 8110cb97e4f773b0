/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_ATTEST_H
#define VFCERT_ATTEST_H

#include "base/verb.h"
#include "reports/certificate/certificate.h"

/* What sign and verify say alike. */

#define ATTEST_FILE   "cert.dsse.json"
#define ATTEST_BUNDLE "cert.sigstore.json"

/* Prints what the certificate says and who signed it, or why it is rejected; with --json as
 * {"accepted":bool,"refusal":name or null,"why":text or null,"key":id or null,"statement":{...} or
 * null}. STATEMENT and KEY may be NULL where it is rejected. Returns an enum exit_status. */
int attest_print(const struct verb_call *call, const struct record *statement,
		const struct key *key, const struct rejection *rejection);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VFCERT_CERTIFICATE_PRINT_H
#define VFCERT_CERTIFICATE_PRINT_H

#include "command/verb.h"
#include "reports/certificate/certificate.h"

/* The files of a certificate in the folder of a run, and its printed form. */

#define CERTIFICATE_FILE   "cert.dsse.json"
#define CERTIFICATE_BUNDLE "cert.sigstore.json"

/* Prints the certificate and who signed it, or why it is rejected; with --json as
 * {"accepted":bool,"refusal":name or null,"why":text or null,"key":id or null,"statement":{...} or
 * null}. STATEMENT and KEY may be NULL if it is rejected. Returns an enum exit_status. */
int certificate_print(const struct verb_call *call, const struct record *statement,
		const struct key *key, const struct rejection *rejection);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_DSSE_H
#define REPORTS_CERTIFICATE_DSSE_H

#include "data/signature.h"
#include "reports/certificate/rejection.h"

/*
 * Envelopes of DSSE 1.0 (secure-systems-lab/dsse): {"payload":base64,"payloadType",
 * "signatures":[{"keyid","sig":base64}]}. Ours have one signature; its keyid is key_id(). The
 * signature covers the pre-authentication encoding
 *
 *   "DSSEv1" SP LENGTH(type) SP type SP LENGTH(body) SP body
 */

int dsse_seal(const struct key *key, const char *type, const void *body, size_t length,
		struct record **envelope, struct err *err);

/* Verifies an envelope with the trusted KEYS. Returns its body with a zero byte behind it, which
 * the caller frees, and in KEY, which may be NULL, the key that signed it. Accepts only the
 * canonical form, so that no byte can change. */
int dsse_open(const char *text, size_t length, const char *type, struct key *const keys[],
		size_t count, char **body, size_t *size, const struct key **key,
		struct rejection *rejection);

/* Returns the same envelope as a sigstore bundle, version 0.3, for P-256 keys: the form that
 * cosign verifies. */
struct record *dsse_bundle(const struct record *envelope);

#endif

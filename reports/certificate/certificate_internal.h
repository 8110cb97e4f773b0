/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_CERTIFICATE_PARTS_H
#define REPORTS_CERTIFICATE_CERTIFICATE_PARTS_H

/* The constants of our statements, for the code that writes and reads them. */
#define STATEMENT_TYPE     "https://in-toto.io/Statement/v1"
#define PREDICATE_TYPE     "https://in-toto.io/attestation/test-result/v0.1"
#define CERTIFICATE_SCHEMA "vfcert-certificate/1"

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_REJECTION_H
#define REPORTS_CERTIFICATE_REJECTION_H

#include "data/record.h"

/*
 * Why vfcert refuses to certify something, or to accept a certificate: a name for programs and a
 * sentence for people. The first cause wins. The names:
 *
 *   of the file           unreadable, duplicate-keys, not-canonical, payload-type, unknown-key,
 *                         signature
 *   of the statement      statement-type, predicate-type, not-yet-valid, expired, revoked,
 *                         unknown-profile
 *   of the files          subject-digest, subject-mismatch, empty-run, truncated-config,
 *                         identity-domains, no-iommu, mixed-origin, incomplete-run
 *   of its capabilities   those of reports/results/capability.h
 *   of the proof          proof-failed, proof-of-another-suite
 *   of the card today     another-card, stale
 */
struct rejection {
	char name[32]; /* "": nothing was rejected */
	char why[600];
};

/* Returns -EBADMSG. */
int reject(struct rejection *rejection, const char *name, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* Parses an object, which must be in canonical form (record_print_canonical()). SOURCE names it. */
int rejection_parse(const char *source, const char *text, size_t length, struct record **record,
		struct rejection *rejection);

#endif

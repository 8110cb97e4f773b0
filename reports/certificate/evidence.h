/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_EVIDENCE_H
#define REPORTS_CERTIFICATE_EVIDENCE_H

#include "base/digest.h"
#include "reports/certificate/rejection.h"
#include "reports/results/certification_profile.h"

/* What a certificate stands on: the files of a run, as their bytes lie there, and of a proof. */
struct evidence_file {
	const char *name;
	char *bytes; /* NULL: there is no such file */
	size_t length;
	struct record *record; /* what is in it, once it was parsed */
	char digest[DIGEST_TEXT];
};

struct evidence {
	struct evidence_file identity, results, proof;
};

/* Reads identity.json and results.json of FOLDER, and proof.json of PROOF_FOLDER, which may be NULL.
 * What can be read is not yet looked at. */
int evidence_load(const char *folder, const char *proof_folder, struct evidence *evidence,
		struct err *err);
void evidence_free(struct evidence *evidence);
void cleanup_evidence(struct evidence *evidence);

/* Takes the digests anew, from the bytes. */
void evidence_digest(struct evidence *evidence);

/* Parses the files. */
int evidence_parse(struct evidence *evidence, struct rejection *rejection);

/* Whether what is required by the profile can be certified from it. It has been parsed. */
int evidence_judge(const struct evidence *evidence, const struct certification_profile *profile,
		struct rejection *rejection);

/* Whether the card's identity is one that can be certified: all of config space was read, and an IOMMU
 * translated. */
int evidence_judge_identity(const struct record *identity, struct rejection *rejection);

/* Whether the required capabilities of an array like capability_assess()'s are certified. */
int evidence_judge_capabilities(const struct record *capabilities, struct rejection *rejection);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_CERTIFICATE_FILES_H
#define REPORTS_CERTIFICATE_CERTIFICATE_FILES_H

#include "base/digest.h"
#include "reports/certificate/rejection.h"
#include "reports/results/certification_profile.h"

/* What a certificate stands on: the files of a run, as their bytes lie there, and of a proof. */
struct certificate_file {
	const char *name;
	char *bytes; /* NULL: there is no such file */
	size_t length;
	struct record *record; /* what is in it, once it was parsed */
	char digest[DIGEST_TEXT];
};

struct certificate_files {
	struct certificate_file identity, results, proof;
};

/* Reads identity.json and results.json of FOLDER, and proof.json of PROOF_FOLDER, which may be NULL.
 * What can be read is not yet looked at. */
int certificate_files_load(const char *folder, const char *proof_folder,
		struct certificate_files *files, struct err *err);
void certificate_files_free(struct certificate_files *files);
void cleanup_certificate_files(struct certificate_files *files);

/* Takes the digests anew, from the bytes. */
void certificate_files_digest(struct certificate_files *files);

/* Parses the files. */
int certificate_files_parse(struct certificate_files *files, struct rejection *rejection);

/* Whether what is required by the profile can be certified from it. It has been parsed. */
int certificate_files_validate(const struct certificate_files *files,
		const struct certification_profile *profile, struct rejection *rejection);

/* Whether the card's identity is one that can be certified: all of config space was read, and an IOMMU
 * translated. */
int certificate_validate_identity(const struct record *identity, struct rejection *rejection);

/* Whether the required capabilities of an array like capability_assess()'s are certified. */
int certificate_validate_capabilities(
		const struct record *capabilities, struct rejection *rejection);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORTS_CERTIFICATE_CERTIFICATE_FILES_H
#define REPORTS_CERTIFICATE_CERTIFICATE_FILES_H

#include "data/digest.h"
#include "reports/certificate/rejection.h"
#include "reports/results/certification_profile.h"

/* The files that a certificate is about, byte for byte: those of a run, and of a proof. */
struct certificate_file {
	const char *name;
	char *bytes; /* NULL: the file does not exist */
	size_t length;
	struct record *record; /* its content, after certificate_files_parse() */
	char digest[DIGEST_TEXT];
};

struct certificate_files {
	struct certificate_file identity, results, proof;
};

/* Reads identity.json and results.json from FOLDER, and proof.json from PROOF_FOLDER, which may
 * be NULL. Parses nothing yet. */
int certificate_files_load(const char *folder, const char *proof_folder,
		struct certificate_files *files, struct err *err);
void certificate_files_free(struct certificate_files *files);

/* Computes the digests from the bytes. */
void certificate_files_digest(struct certificate_files *files);

/* Parses the files. */
int certificate_files_parse(struct certificate_files *files, struct rejection *rejection);

/* Rejects parsed files that do not certify what the profile requires. */
int certificate_files_validate(const struct certificate_files *files,
		const struct certification_profile *profile, struct rejection *rejection);

/* Rejects the identity of a card whose config space was not read completely, or whose requests
 * no IOMMU translated. */
int certificate_validate_identity(const struct record *identity, struct rejection *rejection);

/* Rejects an array like that of capability_assess() unless its required capabilities are certified. */
int certificate_validate_capabilities(
		const struct record *capabilities, struct rejection *rejection);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/certificate/certificate_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "reports/certificate/proof_summary.h"
#include "reports/results/capability.h"
#include "reports/results/results_reader.h"

#define FILE_LIMIT  (64 << 20)
#define CONFIG_SIZE 4096 /* bytes; without privilege only 64 can be read */

static int load(const char *folder, struct certificate_file *file, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/%s", folder, file->name);

	return file_read(AT_FDCWD, path, FILE_LIMIT, &file->bytes, &file->length, err);
}

static void digest(struct certificate_file *file)
{
	if (file->bytes)
		digest_bytes(file->bytes, file->length, file->digest);
}

void certificate_files_digest(struct certificate_files *files)
{
	digest(&files->identity);
	digest(&files->results);
	digest(&files->proof);
}

int certificate_files_load(const char *folder, const char *proof_folder,
		struct certificate_files *files, struct err *err)
{
	int rc;

	*files = (struct certificate_files){ { .name = "identity.json" },
		{ .name = "results.json" }, { .name = "proof.json" } };
	rc = load(folder, &files->identity, err);
	if (!rc)
		rc = load(folder, &files->results, err);
	if (!rc && proof_folder)
		rc = load(proof_folder, &files->proof, err);
	certificate_files_digest(files);
	return rc;
}

static void free_file(struct certificate_file *file)
{
	free(file->bytes);
	record_free(file->record);
}

void certificate_files_free(struct certificate_files *files)
{
	free_file(&files->identity);
	free_file(&files->results);
	free_file(&files->proof);
}

static int parse(struct certificate_file *file, struct rejection *rejection)
{
	record_free(TAKE(file->record));
	if (!file->bytes)
		return 0;
	return rejection_parse(file->name, file->bytes, file->length, &file->record, rejection);
}

int certificate_files_parse(struct certificate_files *files, struct rejection *rejection)
{
	struct err err = { 0 };
	int rc = parse(&files->identity, rejection);

	if (!rc)
		rc = parse(&files->results, rejection);
	if (!rc)
		rc = parse(&files->proof, rejection);
	if (!rc && results_validate(files->results.record, &err) < 0)
		return reject(rejection, "unreadable", "%s", err.msg);
	return rc;
}

int certificate_validate_identity(const struct record *identity, struct rejection *rejection)
{
	const char *mode = record_str(record_get(identity, "platform"), "iommu_mode", "none");
	const char *origin = record_str(record_get(identity, "rig"), "origin", "");
	int64_t bytes = record_int(identity, "config_bytes", 0);

	if (strcmp(origin, "emulated") && strcmp(origin, "silicon"))
		return reject(rejection, "mixed-origin",
				"it is not known whether the card is emulated or silicon");
	if (bytes != CONFIG_SIZE)
		return reject(rejection, "truncated-config",
				"of %d bytes of config space %lld were read: run with privilege",
				CONFIG_SIZE, (long long)bytes);
	if (!strcmp(mode, "identity"))
		return reject(rejection, "identity-domains",
				"the IOMMU passed the card's addresses through (iommu=pt): nothing was "
				"translated");
	if (strncmp(mode, "DMA", 3))
		return reject(rejection, "no-iommu", "no IOMMU translated for the card (%s)", mode);
	return 0;
}

int certificate_validate_capabilities(
		const struct record *capabilities, struct rejection *rejection)
{
	size_t required = 0;

	for (size_t i = 0; i < record_length(capabilities); i++) {
		const struct record *entry = record_at(capabilities, i);

		if (!record_bool(entry, "required", false))
			continue;
		required++;
		if (capability_state(entry) > CAPABILITY_QUIRKS)
			return reject(rejection, record_str(entry, "cause", "missing-check"),
					"the capability %s is %s: %s", record_str(entry, "id", "?"),
					record_str(entry, "state", "?"),
					record_str(entry, "reason", "it is not said why"));
	}
	return required ? 0 : reject(rejection, "missing-check", "no capability is required");
}

static int validate_run(struct results_reader *reader, struct rejection *rejection)
{
	const struct record *run = record_get(reader_head(reader), "run");

	if (!reader_length(reader))
		return reject(rejection, "empty-run", "no check ran");
	if (!record_bool(run, "complete", false))
		return reject(rejection, "incomplete-run", "the run did not end: %s",
				record_str(run, "why", "it is not said why"));
	for (size_t i = 0; i < reader_length(reader); i++) {
		const char *reason;

		if (reader_verdict(reader, i) != VERDICT_BROKEN)
			continue;
		reason = reader_check(reader, i)->reason;
		return reject(rejection, "broken-check", "%s is broken: %s", reader_id(reader, i),
				reason ? reason : "it is not said why");
	}
	return 0;
}

static bool same(const struct record *a, const struct record *b)
{
	CLEANUP(cleanup_free) char *one = record_print_canonical(a);
	CLEANUP(cleanup_free) char *two = record_print_canonical(b);

	return !strcmp(one, two);
}

/* A proof counts only for the suite it was made with. */
static int validate_proof(const struct record *proof, const struct record *results,
		struct rejection *rejection)
{
	const struct record *suite = record_get(record_get(results, "run"), "suite");
	const struct record *proven = record_get(proof, "suite");

	if (!proof_holds(proof))
		return reject(rejection, "proof-failed",
				"the proof is incomplete, or a defect was missed or falsely alarmed");
	if (!record_str(suite, "program", NULL) || !proven || !same(suite, proven))
		return reject(rejection, "proof-of-another-suite",
				"the proof was made with another vfsuite than the results: prove "
				"again with the program that runs");
	return 0;
}

int certificate_files_validate(const struct certificate_files *files,
		const struct certification_profile *profile, struct rejection *rejection)
{
	const struct record *results = files->results.record;
	CLEANUP(cleanup_reader) struct results_reader *reader = reader_from_record(results);
	CLEANUP(cleanup_record) struct record *capabilities = NULL;
	int rc = 0;

	if (!same(record_get(results, "identity"), files->identity.record))
		rc = reject(rejection, "subject-mismatch",
				"identity.json is not the identity in results.json");
	if (!rc)
		rc = validate_run(reader, rejection);
	if (!rc)
		rc = certificate_validate_identity(files->identity.record, rejection);
	if (rc < 0)
		return rc;
	capabilities = capability_assess(profile, reader);
	rc = certificate_validate_capabilities(capabilities, rejection);
	if (!rc && files->proof.record)
		rc = validate_proof(files->proof.record, results, rejection);
	return rc;
}

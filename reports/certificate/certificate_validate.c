/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fnmatch.h>
#include <string.h>

#include "base/cleanup.h"
#include "reports/certificate/certificate.h"
#include "reports/certificate/certificate_internal.h"
#include "reports/certificate/dsse.h"
#include "reports/results/capability.h"

/*
 * The bytes that are parsed are those whose signature was verified. The verifier trusts that the
 * signer has seen the files. It still compares the statement with its own profile, and validates
 * the files again if it has them.
 */

const struct record *certificate_part(const struct record *statement)
{
	return record_get(record_get(statement, "predicate"), "certificate");
}

int certificate_open(const char *text, size_t length, struct key *const keys[], size_t count,
		struct record **statement, const struct key **key, struct rejection *rejection)
{
	CLEANUP(cleanup_record) struct record *fresh = NULL;
	CLEANUP(cleanup_free) char *body = NULL;
	const char *type, *schema;
	size_t size;
	int rc = dsse_open(
			text, length, CERTIFICATE_TYPE, keys, count, &body, &size, key, rejection);

	if (!rc)
		rc = rejection_parse("the statement", body, size, &fresh, rejection);
	if (rc < 0)
		return rc;
	type = record_str(fresh, "_type", "");
	if (strcmp(type, STATEMENT_TYPE))
		return reject(rejection, "statement-type",
				"the statement is '%.100s', not " STATEMENT_TYPE, type);
	type = record_str(fresh, "predicateType", "");
	if (strcmp(type, PREDICATE_TYPE))
		return reject(rejection, "predicate-type",
				"the predicate is '%.100s', not " PREDICATE_TYPE, type);
	schema = record_str(certificate_part(fresh), "schema", "");
	if (strcmp(schema, CERTIFICATE_SCHEMA))
		return reject(rejection, "predicate-type",
				"the member certificate is '%.100s', not " CERTIFICATE_SCHEMA,
				schema);
	*statement = TAKE(fresh);
	return 0;
}

/* Timestamps of the same form compare as text. */
static int validate_validity(const struct record *part, time_t now, struct rejection *rejection)
{
	static const char form[] =
			"[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:"
			"[0-6][0-9]Z";
	const char *issued = record_str(part, "issued", ""),
		   *expires = record_str(part, "expires", "");
	char today[TIMESTAMP_SIZE];

	if (fnmatch(form, issued, 0) || fnmatch(form, expires, 0))
		return reject(rejection, "unreadable", "issued and expires must be moments");
	timestamp_format(now, today);
	if (strcmp(today, issued) < 0)
		return reject(rejection, "not-yet-valid", "it is issued on %s, and now it is %s",
				issued, today);
	if (strcmp(today, expires) > 0)
		return reject(rejection, "expired", "it expired on %s, and now it is %s", expires,
				today);
	return 0;
}

/* Uses the verifier's own profile, whatever the signer's was. */
static int validate_mandatory(const struct record *predicate, const struct capability *capability,
		struct rejection *rejection)
{
	const struct record *mandatory = capability->mandatory;
	const struct record *passed = record_get(predicate, "passedTests");

	for (size_t i = 0; i < record_length(mandatory); i++) {
		const char *id = record_text(record_at(mandatory, i));

		if (record_has_text(record_get(predicate, "failedTests"), id) ||
				record_has_text(record_get(predicate, "warnedTests"), id))
			return reject(rejection, "failing-check",
					"%s is mandatory for %s, and fails", id, capability->id);
		if (!record_has_text(passed, id))
			return reject(rejection, "missing-check",
					"%s is mandatory for %s, and is not among the checks that "
					"passed",
					id, capability->id);
	}
	return 0;
}

static int validate_capability(const struct record *statement, const struct capability *capability,
		struct rejection *rejection)
{
	const struct record *said = record_get(certificate_part(statement), "capabilities");
	const struct record *entry = capability_find(said, capability->id);

	if (!entry)
		return reject(rejection, "missing-check", "nothing is said of the capability %s",
				capability->id);
	if (capability_state(entry) > CAPABILITY_QUIRKS)
		return reject(rejection, record_str(entry, "cause", "missing-check"),
				"the capability %s is %s: %s", capability->id,
				record_str(entry, "state", "?"), record_str(entry, "reason", "?"));
	return validate_mandatory(record_get(statement, "predicate"), capability, rejection);
}

int certificate_validate(const struct record *statement,
		const struct certification_profile *profile, time_t now,
		struct rejection *rejection)
{
	const struct record *part = certificate_part(statement);
	const struct record *identity = record_get(part, "identity");
	const char *origin = record_str(record_get(identity, "rig"), "origin", "");
	int rc = validate_validity(part, now, rejection);

	if (!rc)
		rc = certificate_validate_identity(identity, rejection);
	if (!rc && strcmp(record_str(part, "origin", ""), origin))
		rc = reject(rejection, "mixed-origin",
				"the rig is not of the origin that is certified");
	for (size_t i = 0; !rc && i < profile->count; i++) {
		if (profile->list[i].required)
			rc = validate_capability(statement, &profile->list[i], rejection);
	}
	return rc;
}

static const char *digest_in(const struct record *list, const char *name)
{
	for (size_t i = 0; i < record_length(list); i++) {
		const struct record *item = record_at(list, i);

		if (!strcmp(record_str(item, "name", ""), name))
			return record_str(record_get(item, "digest"), "sha256", NULL);
	}
	return NULL;
}

static int match_file(const struct record *list, const struct certificate_file *file,
		struct rejection *rejection)
{
	const char *digest = digest_in(list, file->name);

	if (!file->bytes)
		return 0;
	if (!digest)
		return reject(rejection, "subject-digest", "the certificate does not name %s",
				file->name);
	if (strcmp(digest, file->digest))
		return reject(rejection, "subject-digest",
				"%s is not the file that was certified: it has another digest",
				file->name);
	return 0;
}

int certificate_validate_files(const struct record *statement, struct certificate_files *files,
		const struct certification_profile *profile, struct rejection *rejection)
{
	const struct record *subjects = record_get(statement, "subject");
	const struct record *predicate = record_get(statement, "predicate");
	int rc = match_file(subjects, &files->identity, rejection);

	if (!rc)
		rc = match_file(subjects, &files->results, rejection);
	if (!rc)
		rc = match_file(record_get(predicate, "configuration"), &files->proof, rejection);
	if (!rc)
		rc = certificate_files_parse(files, rejection);
	if (!rc)
		rc = certificate_files_validate(files, profile, rejection);
	return rc;
}

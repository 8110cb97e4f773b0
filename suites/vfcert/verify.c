/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "reports/certificate/certificate.h"
#include "reports/certificate/dsse.h"
#include "reports/certificate/revocation.h"
#include "reports/results/capability.h"
#include "vfcert/certificate_print.h"
#include "vfcert/keys.h"
#include "vfcert/setup.h"

/* vfcert verify and revoke. */

#define FILE_LIMIT (64 << 20)

struct verify {
	const struct verb_call *call;
	struct keyring ring;
	char *path, *folder; /* folder NULL: the files of the run are not here */
	char *text;          /* of the certificate */
	size_t length;
	char *revocations; /* text of the list, or NULL */
	size_t revocations_length;
	struct certificate_files files;
	struct record *today; /* the present identity of the card, or NULL */
	struct certification_profile *profile;
	struct record *statement;
	const struct key *key;
	time_t now;
};

static void cleanup_verify(struct verify *verify)
{
	cleanup_keyring(&verify->ring);
	free(verify->path);
	free(verify->folder);
	free(verify->text);
	free(verify->revocations);
	certificate_files_free(&verify->files);
	record_free(verify->today);
	cert_profile_free(verify->profile);
	record_free(verify->statement);
}

/* CERT may be the folder of a run that contains the certificate. */
static void name_files(struct verify *verify)
{
	const struct verb_call *call = verify->call;
	const char *named = call->args[0], *folder = call->count > 1 ? call->args[1] : NULL;
	bool whole = file_is_folder(named);

	verify->path = whole ? text_format("%s/" CERTIFICATE_FILE, named)
			     : text_format("%s", named);
	folder = folder ? folder : whole ? named : NULL;
	verify->folder = folder ? text_format("%s", folder) : NULL;
}

static int read_moment(struct verify *verify, struct err *err)
{
	const char *text = call_value(verify->call, "at");

	verify->now = time(NULL);
	if (!text)
		return 0;
	if (timestamp_parse(text, &verify->now) < 0)
		return err_set(err, EINVAL, "--at '%s': must be like 2026-11-26T23:00:00Z", text);
	return 0;
}

static int read_call(struct verify *verify, struct err *err)
{
	const struct verb_call *call = verify->call;
	const char *list = call_value(call, "revoked"), *proof = call_value(call, "proof");
	const char *today = call_value(call, "today");
	int rc = read_moment(verify, err);

	name_files(verify);
	if (!rc && proof && !verify->folder)
		rc = err_set(err, EINVAL, "--proof needs the folder of the run too");
	if (!rc)
		rc = keys_load_public(call, &verify->ring, err);
	if (!rc)
		rc = file_read(AT_FDCWD, verify->path, FILE_LIMIT, &verify->text, &verify->length,
				err);
	if (!rc && list)
		rc = file_read(AT_FDCWD, list, FILE_LIMIT, &verify->revocations,
				&verify->revocations_length, err);
	if (!rc && verify->folder)
		rc = certificate_files_load(verify->folder, proof, &verify->files, err);
	if (!rc && today)
		rc = record_load(AT_FDCWD, today, &verify->today, err);
	return rc;
}

/* Loads the verifier's own file of the profile that the certificate names, or of the one given
 * on the command line. */
static int choose_profile(struct verify *verify, struct rejection *rejection)
{
	CLEANUP(cleanup_free) char *profiles = profiles_dir();
	const char *asked = call_value(verify->call, "profile");
	const char *said = record_str(certificate_part(verify->statement), "profile", "");
	struct err err = { 0 };

	if (cert_profile_load(profiles, asked ? asked : said, &verify->profile, &err) < 0)
		return reject(rejection, "unknown-profile", "%s", err.msg);
	return 0;
}

static int validate_revoked(const struct verify *verify, struct rejection *rejection)
{
	CLEANUP(cleanup_record) struct record *list = NULL;
	int rc;

	if (!verify->revocations)
		return 0;
	rc = revocation_open(verify->revocations, verify->revocations_length, verify->ring.keys,
			verify->ring.count, &list, rejection);
	return rc < 0 ? rc : revocation_validate(list, verify->statement, rejection);
}

/* A certificate does not cover another kernel, firmware, or driver. */
static int validate_today(const struct verify *verify, struct rejection *rejection)
{
	static const char *const ids[] = { "vendor", "device", "subvendor", "subdevice" };
	const struct record *part = certificate_part(verify->statement);
	const struct record *certified = record_get(part, "identity");
	CLEANUP(cleanup_record) struct record *capabilities = NULL;

	if (!verify->today)
		return 0;
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		if (strcmp(record_str(record_get(certified, "card"), ids[i], ""),
				    record_str(record_get(verify->today, "card"), ids[i], "")))
			return reject(rejection, "another-card", "%s is of another card",
					call_value(verify->call, "today"));
	}
	capabilities = record_copy(record_get(part, "capabilities"));
	capability_age(capabilities, certified, verify->today);
	return certificate_validate_capabilities(capabilities, rejection);
}

static int validate(struct verify *verify, struct rejection *rejection)
{
	int rc = certificate_open(verify->text, verify->length, verify->ring.keys,
			verify->ring.count, &verify->statement, &verify->key, rejection);

	if (!rc)
		rc = validate_revoked(verify, rejection);
	if (!rc)
		rc = choose_profile(verify, rejection);
	if (!rc)
		rc = certificate_validate(
				verify->statement, verify->profile, verify->now, rejection);
	if (!rc && verify->folder)
		rc = certificate_validate_files(
				verify->statement, &verify->files, verify->profile, rejection);
	return rc < 0 ? rc : validate_today(verify, rejection);
}

static int verify_verb(struct verb_call *call)
{
	CLEANUP(cleanup_verify) struct verify verify = { .call = call };
	struct rejection rejection = { 0 };
	struct err err = { 0 };
	int rc = read_call(&verify, &err);

	if (rc == -ENOENT)
		return call_misused(call, "%s", err.msg);
	if (rc < 0)
		return call_failed(call, &err);
	if (!validate(&verify, &rejection) && !call_has(call, "json"))
		printf("accepted    %s; %s\n", verify.path,
				verify.folder ? "the results are those that were certified"
					      : "the results were not checked: name their folder");
	return certificate_print(call, verify.statement, verify.key, &rejection);
}

struct revoke {
	struct key *key;
	struct record *list, *statement, *envelope;
};

static void cleanup_revoke(struct revoke *revoke)
{
	key_free(revoke->key);
	record_free(revoke->list);
	record_free(revoke->statement);
	record_free(revoke->envelope);
}

/* The same key must have signed the certificate and the list. */
static int open_both(struct revoke *revoke, const char *path, const char *list_path,
		struct rejection *rejection, struct err *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *list = NULL;
	size_t length, list_length;
	int rc = file_read(AT_FDCWD, path, FILE_LIMIT, &text, &length, err);

	if (!rc)
		rc = certificate_open(
				text, length, &revoke->key, 1, &revoke->statement, NULL, rejection);
	if (rc < 0)
		return rc;
	rc = file_read(AT_FDCWD, list_path, FILE_LIMIT, &list, &list_length, NULL);
	if (rc == -ENOENT) {
		revoke->list = revocation_new();
		return 0;
	}
	if (rc < 0)
		return err_set(err, -rc, "cannot read %s: %s", list_path, strerror(-rc));
	return revocation_open(list, list_length, &revoke->key, 1, &revoke->list, rejection);
}

static int save_list(struct revoke *revoke, const char *path, struct err *err)
{
	CLEANUP(cleanup_free) char *body = record_print_canonical(revoke->list);
	int rc = dsse_seal(
			revoke->key, REVOCATION_TYPE, body, strlen(body), &revoke->envelope, err);

	return rc < 0 ? rc : record_save_canonical(AT_FDCWD, path, revoke->envelope, err);
}

static int revoke_verb(struct verb_call *call)
{
	CLEANUP(cleanup_revoke) struct revoke revoke = { 0 };
	const char *path = call_value(call, "list"), *serial;
	struct rejection rejection = { 0 };
	struct err err = { 0 };
	int rc;

	if (!path)
		return call_misused(call, "name the list of revocations: --list FILE");
	rc = keys_load_private(call, &revoke.key, &err);
	if (!rc)
		rc = open_both(&revoke, call->args[0], path, &rejection, &err);
	if (*rejection.name)
		return certificate_print(call, NULL, NULL, &rejection);
	if (rc == -ENOENT)
		return call_misused(call, "%s", err.msg);
	if (rc < 0)
		return call_failed(call, &err);
	serial = record_str(certificate_part(revoke.statement), "serial", "");
	revocation_add(revoke.list, serial, call_value(call, "reason"), time(NULL));
	if (save_list(&revoke, path, &err) < 0)
		return call_failed(call, &err);
	if (call_has(call, "json")) {
		CLEANUP(cleanup_free) char *text = record_print_pretty(revoke.list);

		puts(text);
	} else {
		printf("revoked %s; %s lists %zu\n", serial, path,
				record_length(record_get(revoke.list, "revoked")));
	}
	return EXIT_GOOD;
}

static const struct flag verify_flags[] = {
	{ "key", 'k', "FILE", "A trusted public key; may be repeated" },
	{ "revoked", 0, "FILE", "The list of revocations (vfcert revoke)" },
	{ "proof", 0, "DIR", "Folder of the proof, to be compared with the certificate" },
	{ "profile", 'p', "NAME", "Require this profile (default: the certified one)" },
	{ "at", 0, "MOMENT", "Verify as of this time: 2026-11-26T23:00:00Z (default: now)" },
	{ "today", 0, "FILE",
			"Verify that it covers the present card: identity.json of a new run" },
	{ "json", 0, NULL, "Print JSON, with the whole statement" },
	{ 0 },
};

static const struct flag revoke_flags[] = {
	{ "key", 'k', "FILE", "The private key that signed the certificate" },
	PASSPHRASE_FLAG,
	{ "list", 0, "FILE", "The list of revocations, created if it is missing" },
	{ "reason", 0, "TEXT", "Why, for whom it concerns" },
	{ "json", 0, NULL, "Print the list as JSON" },
	{ 0 },
};

const struct verb verify_verbs[] = {
	{ .name = "verify",
			.args = "CERT [DIR]",
			.summary = "Accept or reject a certificate",
			.details = "CERT is cert.dsse.json, or the folder of a run that contains it. With "
				   "DIR, the folder of the run, its files must be the certified ones, "
				   "and are judged again by this vfcert's profile.\n\n"
				   "A rejection has a name: unknown-key, signature, payload-type, "
				   "predicate-type, duplicate-keys, not-canonical, expired, "
				   "not-yet-valid, revoked, subject-digest, truncated-config, "
				   "identity-domains, missing-check, failing-check, broken-check, "
				   "guest-only, incomplete-run, proof-of-another-suite, stale, and more: "
				   "reports/certificate/rejection.h.\n\n"
				   "Exit status: 0 accepted; 1 rejected; 2 bad usage or missing files.",
			.flags = verify_flags,
			.run = verify_verb },
	{ .name = "revoke",
			.args = "CERT",
			.summary = "Revoke a certificate",
			.details = "Adds the certificate to a signed list, which verify reads from "
				   "--revoked. Those who verify must get the new list, since the "
				   "certificate itself cannot change.",
			.flags = revoke_flags,
			.run = revoke_verb },
	{ 0 },
};

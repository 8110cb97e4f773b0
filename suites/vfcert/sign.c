/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "reports/certificate/certificate.h"
#include "reports/certificate/dsse.h"
#include "vfcert/certificate_print.h"
#include "vfcert/keys.h"
#include "vfcert/setup.h"

/* vfcert sign: makes a certificate from the results of a run. */

#define DEFAULT_DAYS 365
#define DAYS_LIMIT   3650

struct sign {
	const struct verb_call *call;
	const char *folder;
	struct key *key;
	struct certification_profile *profile;
	struct certificate_files files;
	struct record *statement, *envelope;
	uint64_t days;
};

static void cleanup_sign(struct sign *sign)
{
	key_free(sign->key);
	cert_profile_free(sign->profile);
	certificate_files_free(&sign->files);
	record_free(sign->statement);
	record_free(sign->envelope);
}

static int read_call(struct sign *sign, struct err *err)
{
	const struct verb_call *call = sign->call;
	CLEANUP(cleanup_free) char *profiles = profiles_dir();
	const char *days = call_value(call, "days");
	int rc;

	sign->folder = call->args[0];
	sign->days = DEFAULT_DAYS;
	if (days && number_parse(days, 1, DAYS_LIMIT, &sign->days) < 0)
		return err_set(err, EINVAL, "--days '%s': must be a number from 1 to %d", days,
				DAYS_LIMIT);
	rc = keys_load_private(call, &sign->key, err);
	if (!rc)
		rc = cert_profile_load(profiles, call_value(call, "profile"), &sign->profile, err);
	return rc < 0 ? rc
		      : certificate_files_load(
					sign->folder, call_value(call, "proof"), &sign->files, err);
}

static int save(const struct sign *sign, const char *name, const struct record *record,
		struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/%s", sign->folder, name);

	return record_save_canonical(AT_FDCWD, path, record, err);
}

/* An earlier bundle must not remain beside the new certificate. */
static int save_bundle(const struct sign *sign, struct err *err)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/" CERTIFICATE_BUNDLE, sign->folder);
	CLEANUP(cleanup_record) struct record *bundle = NULL;

	if (key_type(sign->key) == KEY_P256) {
		bundle = dsse_bundle(sign->envelope);
		return save(sign, CERTIFICATE_BUNDLE, bundle, err);
	}
	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(err, "cannot remove the former %s", path);
	return 0;
}

static int seal(struct sign *sign, struct err *err)
{
	CLEANUP(cleanup_free) char *body = record_print_canonical(sign->statement);
	int rc = dsse_seal(sign->key, CERTIFICATE_TYPE, body, strlen(body), &sign->envelope, err);

	if (!rc)
		rc = save(sign, CERTIFICATE_FILE, sign->envelope, err);
	return rc < 0 ? rc : save_bundle(sign, err);
}

static int sign_verb(struct verb_call *call)
{
	CLEANUP(cleanup_sign) struct sign sign = { .call = call };
	struct rejection rejection = { 0 };
	struct err err = { 0 };
	int rc = read_call(&sign, &err);

	if (rc == -ENOENT)
		return call_misused(call, "%s", err.msg);
	if (rc < 0)
		return call_failed(call, &err);
	rc = certificate_files_parse(&sign.files, &rejection);
	if (!rc)
		rc = certificate_build(&sign.files, sign.profile, time(NULL), (unsigned)sign.days,
				&sign.statement, &rejection);
	if (rc < 0)
		return certificate_print(call, NULL, NULL, &rejection);
	if (seal(&sign, &err) < 0)
		return call_failed(call, &err);
	fprintf(stderr, "certificate: %s/" CERTIFICATE_FILE "\n", sign.folder);
	return certificate_print(call, sign.statement, sign.key, &rejection);
}

static const struct flag sign_flags[] = {
	{ "key", 'k', "FILE", "The private key" },
	PASSPHRASE_FLAG,
	{ "proof", 0, "DIR", "Folder of the proof of the same suite (vfcert prove)" },
	{ "profile", 'p', "NAME", "What must be certified (default): see vfcert list profiles" },
	{ "days", 0, "N", "How long the certificate is valid (365)" },
	{ "json", 0, NULL, "Print JSON" },
	{ 0 },
};

const struct verb sign_verbs[] = {
	{ .name = "sign",
			.args = "DIR",
			.summary = "Certify the results of a run",
			.details = "Writes cert.dsse.json into the folder of the run: an in-toto "
				   "statement about identity.json and results.json in a DSSE "
				   "envelope. With a P-256 key it also writes cert.sigstore.json, the "
				   "same for cosign. Results that cannot be certified are rejected "
				   "with a reason. The certificate lists the state of every capability; "
				   "those of the profile must be certified.\n\n"
				   "Without --proof the certificate says that the checks were not "
				   "proven.\n\n"
				   "Exit status: 0 signed; 1 rejected; 2 bad usage or missing files.",
			.flags = sign_flags,
			.run = sign_verb },
	{ 0 },
};

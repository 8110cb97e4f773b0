/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/tests/certified.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "reports/certificate/dsse.h"
#include "reports/results/results.h"
#include "reports/tests/certifiable.h"

static void file_record(
		struct certificate_file *file, const char *name, const struct record *record)
{
	free(file->bytes);
	record_free(file->record);
	*file = (struct certificate_file){ .name = name, .bytes = record_print_canonical(record) };
	file->length = strlen(file->bytes);
}

void certified_file(struct certified *fixture)
{
	certifiable_summarize(fixture->results);
	file_record(&fixture->files.identity, "identity.json", fixture->identity);
	file_record(&fixture->files.results, "results.json", fixture->results);
	file_record(&fixture->files.proof, "proof.json", fixture->proof);
	certificate_files_digest(&fixture->files);
}

void certified_seal(struct certified *fixture, const char *type)
{
	char *body = record_print_canonical(fixture->statement);
	struct record *envelope = NULL;

	assert_int_equal(dsse_seal(fixture->key, type, body, strlen(body), &envelope, NULL), 0);
	free(fixture->text);
	fixture->text = record_print_canonical(envelope);
	record_free(envelope);
	free(body);
}

int certified_build(struct certified *fixture)
{
	fixture->rejection = (struct rejection){ 0 };
	certified_file(fixture);
	if (certificate_files_parse(&fixture->files, &fixture->rejection) < 0)
		return -EBADMSG;
	record_free(fixture->statement);
	fixture->statement = NULL;
	return certificate_build(&fixture->files, fixture->profile, CERTIFIED_ISSUED, 30,
			&fixture->statement, &fixture->rejection);
}

int certified_accept(struct certified *fixture, const char *text, size_t length)
{
	int rc;

	fixture->rejection = (struct rejection){ 0 };
	record_free(fixture->opened);
	fixture->opened = NULL;
	rc = certificate_open(text, length, &fixture->key, 1, &fixture->opened, NULL,
			&fixture->rejection);
	if (!rc)
		rc = certificate_validate(fixture->opened, fixture->profile, CERTIFIED_ISSUED + DAY,
				&fixture->rejection);
	if (!rc)
		rc = certificate_validate_files(fixture->opened, &fixture->files, fixture->profile,
				&fixture->rejection);
	return rc;
}

int certified_setup(void **state)
{
	struct certified *fixture = calloc(1, sizeof(*fixture));

	assert_int_equal(key_generate(KEY_P256, &fixture->key, NULL), 0);
	assert_int_equal(cert_profile_load(PROFILES_DIR, NULL, &fixture->profile, NULL), 0);
	fixture->identity = certifiable_identity();
	fixture->results = certifiable_results(fixture->profile);
	fixture->proof = certifiable_proof();
	if (certified_build(fixture) < 0)
		fail_msg("%s: %s", fixture->rejection.name, fixture->rejection.why);
	certified_seal(fixture, CERTIFICATE_TYPE);
	*state = fixture;
	return 0;
}

int certified_teardown(void **state)
{
	struct certified *fixture = *state;

	key_free(fixture->key);
	cert_profile_free(fixture->profile);
	record_free(fixture->identity);
	record_free(fixture->results);
	record_free(fixture->proof);
	certificate_files_free(&fixture->files);
	record_free(fixture->statement);
	record_free(fixture->opened);
	free(fixture->text);
	free(fixture);
	return 0;
}

void certified_expect(const struct certified *fixture, int rc, const char *name)
{
	if (rc != -EBADMSG || strcmp(fixture->rejection.name, name))
		fail_msg("'%s', not '%s': %s", fixture->rejection.name, name,
				fixture->rejection.why);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "data/base64.h"
#include "reports/certificate/dsse.h"

/* The test vector of the specification: protocol.md of secure-systems-lab/dsse, "Test Vectors".
 * Its key is given there as X and Y, here as PEM; its signature there as r and s, here as DER. */
#define TYPE "http://example.com/HelloWorld"
#define BODY "hello world"
#define PAE  "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
#define SIG                                                \
	"MEQCIANyarEBrVbCdjtsaqyOSHJ14qeRk6CdxfhZ2fjvPEo7" \
	"AiBR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="

static const char spec_key[] = "-----BEGIN PUBLIC KEY-----\n"
			       "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr\n"
			       "CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==\n"
			       "-----END PUBLIC KEY-----\n";

struct fixture {
	struct key *key, *other;
	struct record *envelope;
	char *text, *body;
	size_t size;
	struct rejection rejection;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_int_equal(key_generate(KEY_P256, &fixture->key, NULL), 0);
	assert_int_equal(key_generate(KEY_ED25519, &fixture->other, NULL), 0);
	assert_int_equal(
			dsse_seal(fixture->key, TYPE, BODY, strlen(BODY), &fixture->envelope, NULL),
			0);
	fixture->text = record_print_canonical(fixture->envelope);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	key_free(fixture->key);
	key_free(fixture->other);
	record_free(fixture->envelope);
	free(fixture->text);
	free(fixture->body);
	free(fixture);
	return 0;
}

static int open_text(struct fixture *fixture, const char *text, size_t length)
{
	fixture->rejection = (struct rejection){ 0 };
	free(fixture->body);
	fixture->body = NULL;
	return dsse_open(text, length, TYPE, &fixture->key, 1, &fixture->body, &fixture->size, NULL,
			&fixture->rejection);
}

static void expect_rejection(struct fixture *fixture, const char *text, const char *name)
{
	assert_int_equal(open_text(fixture, text, strlen(text)), -EBADMSG);
	assert_null(fixture->body);
	if (strcmp(fixture->rejection.name, name))
		fail_msg("%s: %s", fixture->rejection.name, fixture->rejection.why);
}

/* Expects that the envelope is refused with one member changed. */
static void expect_changed(
		struct fixture *fixture, const char *key, const char *value, const char *name)
{
	struct record *changed = record_copy(fixture->envelope);
	char *text;

	record_put_str(changed, key, value);
	text = record_print_canonical(changed);
	expect_rejection(fixture, text, name);
	free(text);
	record_free(changed);
}

static void verifies_the_signature_of_the_specification(void **state)
{
	struct key *key = NULL;
	unsigned char *signature;
	size_t size;

	(void)state;
	assert_int_equal(key_parse_public("spec", spec_key, &key, NULL), 0);
	assert_int_equal(base64_parse(SIG, &signature, &size), 0);
	assert_true(key_verifies(key, PAE, strlen(PAE), signature, size));
	assert_false(key_verifies(key, PAE, strlen(PAE) - 1, signature, size));
	free(signature);
	key_free(key);
}

static void what_is_sealed_can_be_opened(void **state)
{
	struct fixture *fixture = *state;

	if (open_text(fixture, fixture->text, strlen(fixture->text)) < 0)
		fail_msg("%s", fixture->rejection.why);
	assert_int_equal(fixture->size, strlen(BODY));
	assert_string_equal(fixture->body, BODY);
}

static void each_rejection_has_its_name(void **state)
{
	struct fixture *fixture = *state;
	char *pretty = record_print_pretty(fixture->envelope);
	struct record *foreign = NULL;
	char *text;

	expect_rejection(fixture, "hello", "unreadable");
	expect_rejection(fixture, "[]\n", "unreadable");
	expect_rejection(fixture, "{}\n", "unreadable");
	expect_rejection(fixture, "{\"payloadType\":\"a\",\"payloadType\":\"b\"}\n",
			"duplicate-keys");
	expect_rejection(fixture, pretty, "not-canonical");
	expect_changed(fixture, "payloadType", "text/plain", "payload-type");
	expect_changed(fixture, "payload", "aGVsbG8gd29ybGR=", "unreadable");
	expect_changed(fixture, "payload", "aGVsbG8gd29ybGU=", "signature");
	expect_changed(fixture, "signatures", "none", "unreadable");
	assert_int_equal(dsse_seal(fixture->other, TYPE, BODY, strlen(BODY), &foreign, NULL), 0);
	text = record_print_canonical(foreign);
	expect_rejection(fixture, text, "unknown-key");
	free(text);
	record_free(foreign);
	free(pretty);
}

static void another_key_under_the_same_id_is_rejected(void **state)
{
	struct fixture *fixture = *state;
	struct record *foreign = NULL, *entry;
	char id[DIGEST_TEXT], *text;

	assert_int_equal(dsse_seal(fixture->other, TYPE, BODY, strlen(BODY), &foreign, NULL), 0);
	entry = record_edit_at(record_edit(foreign, "signatures"), 0);
	key_id(fixture->key, id);
	record_put_str(entry, "keyid", id);
	text = record_print_canonical(foreign);
	expect_rejection(fixture, text, "signature");
	free(text);
	record_free(foreign);
}

static void the_bundle_holds_the_envelope(void **state)
{
	struct fixture *fixture = *state;
	struct record *bundle = dsse_bundle(fixture->envelope);
	const struct record *inside = record_get(bundle, "dsseEnvelope");
	const struct record *entry = record_at(record_get(inside, "signatures"), 0);
	const struct record *own = record_at(record_get(fixture->envelope, "signatures"), 0);

	assert_string_equal(record_str(bundle, "mediaType", ""),
			"application/vnd.dev.sigstore.bundle.v0.3+json");
	assert_string_equal(record_str(inside, "payload", ""), "aGVsbG8gd29ybGQ=");
	assert_string_equal(record_str(inside, "payloadType", ""), TYPE);
	assert_string_equal(record_str(entry, "sig", ""), record_str(own, "sig", "?"));
	assert_null(record_get(entry, "keyid"));
	record_free(bundle);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verifies_the_signature_of_the_specification),
		CASE(what_is_sealed_can_be_opened),
		CASE(each_rejection_has_its_name),
		CASE(another_key_under_the_same_id_is_rejected),
		CASE(the_bundle_holds_the_envelope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

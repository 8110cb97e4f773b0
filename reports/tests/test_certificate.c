/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "reports/certificate/dsse.h"
#include "reports/certificate/revocation.h"
#include "reports/results/results.h"
#include "reports/tests/certifiable.h"
#include "reports/tests/certified.h"

/* The results are not signed, and a statement about them that was signed anyway is not accepted. */
static void expect_both(struct certified *fixture, const char *name)
{
	struct record *subjects, *item;
	struct certificate_files *certified = &fixture->files;
	struct certificate_file *const files[] = { &certified->identity, &certified->results };
	struct record *kept = record_copy(fixture->statement);

	certified_expect(fixture, certified_build(fixture), name);
	fixture->statement = kept;
	subjects = record_edit(kept, "subject");
	for (size_t i = 0; i < 2; i++) {
		item = record_edit(record_edit_at(subjects, i), "digest");
		record_put_str(item, "sha256", files[i]->digest);
	}
	certified_seal(fixture, CERTIFICATE_TYPE);
	certified_expect(fixture, certified_accept(fixture, fixture->text, strlen(fixture->text)),
			name);
}

static struct record *inside(struct record *record, const char *key)
{
	return record_edit(record, key);
}

static struct record *part(struct certified *fixture)
{
	return inside(inside(fixture->statement, "predicate"), "certificate");
}

/* Signs the statement as it is now; it must not be accepted. */
static void expect_statement(struct certified *fixture, const char *name)
{
	certified_seal(fixture, CERTIFICATE_TYPE);
	certified_expect(fixture, certified_accept(fixture, fixture->text, strlen(fixture->text)),
			name);
}

static void a_good_certificate_is_accepted(void **state)
{
	struct certified *fixture = *state;
	const struct record *predicate, *proof;

	if (certified_accept(fixture, fixture->text, strlen(fixture->text)) < 0)
		fail_msg("%s: %s", fixture->rejection.name, fixture->rejection.why);
	predicate = record_get(fixture->opened, "predicate");
	assert_string_equal(record_str(predicate, "result", ""), "FAILED"); /* rate.enforced */
	assert_int_equal(record_length(record_get(predicate, "warnedTests")), 1);
	assert_int_equal(record_length(record_get(predicate, "configuration")), 5);
	proof = record_get(certificate_part(fixture->opened), "proof");
	assert_int_equal(record_int(proof, "defects", 0), 2);
	assert_int_equal(record_int(proof, "nulls", 0), 1);
	assert_int_equal(record_length(record_get(proof, "checks")), 2);
	assert_string_equal(record_text(record_at(record_get(proof, "checks"), 0)), "ready.ari");
}

static void doubtful_evidence_is_rejected(void **state)
{
	static const struct {
		const char *id, *member, *value, *name;
	} cases[] = {
		{ "ready.link-up", "verdict", "fail", "failing-check" },
		{ "ready.link-up", "verdict", "known", "failing-check" },
		{ "ready.link-up", "verdict", "changed", "changed-check" },
		{ "ready.link-up", "verdict", "skip", "skipped-check" },
		{ "ready.link-up", "origin", "silicon", "mixed-origin" },
		{ "spoof.vlan", "verdict", "broken", "broken-check" },
	};
	struct certified *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct record *check = certifiable_check(fixture->results, cases[i].id);
		char *was = strdup(record_str(check, cases[i].member, ""));

		record_put_str(check, cases[i].member, cases[i].value);
		expect_both(fixture, cases[i].name);
		record_put_str(check, cases[i].member, was);
		free(was);
	}
}

static void a_missing_mandatory_check_is_rejected(void **state)
{
	struct certified *fixture = *state;

	record_put_str(certifiable_check(fixture->results, "ready.link-up"), "id", "ready.other");
	expect_both(fixture, "missing-check");
}

static void the_guests_word_alone_is_rejected(void **state)
{
	struct certified *fixture = *state;
	struct record *evidence = record_array(), *fact = record_object();

	record_put_str(fact, "name", "heard");
	record_put_int(fact, "value", 8);
	record_put_null(fact, "unit");
	record_put_str(fact, "by", "guest");
	record_add(evidence, fact);
	record_put(certifiable_check(fixture->results, "ready.link-up"), "evidence", evidence);
	expect_both(fixture, "guest-only");
}

static void a_run_that_says_nothing_is_rejected(void **state)
{
	struct certified *fixture = *state;

	record_put_bool(results_run(fixture->results), "complete", false);
	expect_both(fixture, "incomplete-run");
	record_put(fixture->results, "checks", record_array());
	expect_both(fixture, "empty-run");
}

/* Puts the same into identity.json, into results.json, and into the statement. */
static void put_identity(
		struct certified *fixture, const char *of, const char *key, struct record *value)
{
	struct record *const places[] = { fixture->identity, inside(fixture->results, "identity"),
		inside(part(fixture), "identity") };

	for (size_t i = 0; i < 3; i++)
		record_put(*of ? inside(places[i], of) : places[i], key, record_copy(value));
	record_free(value);
}

static struct record *text_value(const char *text)
{
	struct record *list = record_array(), *value;

	record_add_str(list, text);
	value = record_copy(record_at(list, 0));
	record_free(list);
	return value;
}

static void a_platform_that_proves_nothing_is_rejected(void **state)
{
	struct certified *fixture = *state;
	struct record *list = record_array();

	put_identity(fixture, "platform", "iommu_mode", text_value("identity"));
	expect_both(fixture, "identity-domains");
	put_identity(fixture, "platform", "iommu_mode", text_value("none"));
	expect_both(fixture, "no-iommu");
	put_identity(fixture, "platform", "iommu_mode", text_value("DMA-FQ"));
	record_add_int(list, 64);
	put_identity(fixture, "", "config_bytes", record_copy(record_at(list, 0)));
	record_free(list);
	expect_both(fixture, "truncated-config");
}

static void another_identity_than_the_runs_is_rejected(void **state)
{
	struct certified *fixture = *state;

	record_put_str(inside(fixture->identity, "software"), "firmware", "3.25");
	expect_both(fixture, "subject-mismatch");
}

static void duplicate_keys_are_rejected(void **state)
{
	static const char head[] = "{\"_type\":\"a\",\"_type\":\"b\",";
	struct certified *fixture = *state;
	char *good = record_print_canonical(fixture->statement), *body;
	struct record *envelope = NULL;
	char *text;

	body = malloc(sizeof(head) + strlen(good));
	assert_non_null(body);
	strcpy(body, head);
	strcat(body, good + 1);
	assert_int_equal(dsse_seal(fixture->key, CERTIFICATE_TYPE, body, strlen(body), &envelope,
					 NULL),
			0);
	text = record_print_canonical(envelope);
	certified_expect(fixture, certified_accept(fixture, text, strlen(text)), "duplicate-keys");
	record_free(envelope);
	free(text);
	free(body);
	free(good);
}

static void another_form_is_rejected(void **state)
{
	struct certified *fixture = *state;

	certified_seal(fixture, "application/json");
	certified_expect(fixture, certified_accept(fixture, fixture->text, strlen(fixture->text)),
			"payload-type");
	record_put_str(part(fixture), "schema", "vfcert-certificate/2");
	expect_statement(fixture, "predicate-type");
	record_put_str(fixture->statement, "predicateType", "https://slsa.dev/provenance/v1");
	expect_statement(fixture, "predicate-type");
	record_put_str(fixture->statement, "_type", "https://in-toto.io/Statement/v0.1");
	expect_statement(fixture, "statement-type");
}

static void a_time_outside_is_rejected(void **state)
{
	struct certified *fixture = *state;

	for (int day = -1; day <= 31; day++) {
		const char *name = day < 0 ? "not-yet-valid" : day > 30 ? "expired" : "";
		int rc;

		fixture->rejection = (struct rejection){ 0 };
		rc = certificate_validate(fixture->statement, fixture->profile,
				CERTIFIED_ISSUED + day * DAY, &fixture->rejection);
		assert_string_equal(fixture->rejection.name, name);
		assert_int_equal(rc, *name ? -EBADMSG : 0);
	}
	record_put_str(part(fixture), "expires", "never");
	expect_statement(fixture, "unreadable");
}

static void another_key_is_unknown(void **state)
{
	struct certified *fixture = *state;

	key_free(fixture->key);
	assert_int_equal(key_generate(KEY_P256, &fixture->key, NULL), 0);
	certified_expect(fixture, certified_accept(fixture, fixture->text, strlen(fixture->text)),
			"unknown-key");
}

/* As if the signer had not validated it. */
static void what_the_statement_itself_lacks_is_rejected(void **state)
{
	struct certified *fixture = *state;
	struct record *predicate = inside(fixture->statement, "predicate");
	struct record *passed = record_copy(record_get(predicate, "passedTests"));

	record_add_str(inside(predicate, "warnedTests"), "ready.link-up");
	expect_statement(fixture, "failing-check");
	record_put(predicate, "warnedTests", record_array());
	record_put(predicate, "passedTests", record_array());
	expect_statement(fixture, "missing-check");
	record_put(predicate, "passedTests", passed);
	record_put(part(fixture), "capabilities", record_array());
	expect_statement(fixture, "missing-check");
}

static void the_verifiers_profile_counts(void **state)
{
	struct certified *fixture = *state;

	cert_profile_free(fixture->profile);
	assert_int_equal(cert_profile_load(PROFILES_DIR, "tenants", &fixture->profile, NULL), 0);
	certified_expect(fixture, certified_accept(fixture, fixture->text, strlen(fixture->text)),
			"missing-check");
}

static void a_proof_that_proves_nothing_is_rejected(void **state)
{
	struct certified *fixture = *state;
	struct record *suite = inside(fixture->proof, "suite");
	struct record *other =
			record_edit_at(record_edit(inside(fixture->proof, "sound"), "others"), 0);

	record_put_bool(inside(fixture->proof, "run"), "complete", false);
	certified_expect(fixture, certified_build(fixture), "proof-failed");
	record_put_bool(inside(fixture->proof, "run"), "complete", true);
	record_add_str(record_edit(other, "failures"), "ready.ari");
	certified_expect(fixture, certified_build(fixture), "proof-failed");
	record_put(other, "failures", record_array());
	record_put_str(suite, "program", "of another build");
	certified_expect(fixture, certified_build(fixture), "proof-of-another-suite");
	record_put_null(fixture->proof, "suite");
	certified_expect(fixture, certified_build(fixture), "proof-of-another-suite");
}

static void what_is_revoked_is_rejected(void **state)
{
	struct certified *fixture = *state;
	const char *serial = record_str(part(fixture), "serial", "");
	struct record *list = revocation_new(), *envelope = NULL, *opened = NULL;
	char *body, *text;

	revocation_add(list, "another", NULL, CERTIFIED_ISSUED);
	assert_int_equal(revocation_validate(list, fixture->statement, &fixture->rejection), 0);
	revocation_add(list, serial, "the wrong card", CERTIFIED_ISSUED + DAY);
	revocation_add(list, serial, "again", CERTIFIED_ISSUED + DAY);
	assert_int_equal(record_length(record_get(list, "revoked")), 2);
	body = record_print_canonical(list);
	assert_int_equal(dsse_seal(fixture->key, REVOCATION_TYPE, body, strlen(body), &envelope,
					 NULL),
			0);
	text = record_print_canonical(envelope);
	assert_int_equal(revocation_open(text, strlen(text), &fixture->key, 1, &opened,
					 &fixture->rejection),
			0);
	certified_expect(fixture,
			revocation_validate(opened, fixture->statement, &fixture->rejection),
			"revoked");
	assert_non_null(strstr(fixture->rejection.why, "2026-06-02T00:00:00Z: the wrong card"));
	record_free(list);
	record_free(envelope);
	record_free(opened);
	free(body);
	free(text);
}

/* A signed certificate is not accepted as a list of revocations, nor a signed list as a certificate. */
static void a_certificate_is_no_revocation(void **state)
{
	struct certified *fixture = *state;
	struct record *list = NULL;

	certified_expect(fixture,
			revocation_open(fixture->text, strlen(fixture->text), &fixture->key, 1,
					&list, &fixture->rejection),
			"payload-type");
	assert_null(list);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, certified_setup, certified_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_good_certificate_is_accepted),
		CASE(doubtful_evidence_is_rejected),
		CASE(a_missing_mandatory_check_is_rejected),
		CASE(the_guests_word_alone_is_rejected),
		CASE(a_run_that_says_nothing_is_rejected),
		CASE(a_platform_that_proves_nothing_is_rejected),
		CASE(another_identity_than_the_runs_is_rejected),
		CASE(duplicate_keys_are_rejected),
		CASE(another_form_is_rejected),
		CASE(a_time_outside_is_rejected),
		CASE(another_key_is_unknown),
		CASE(what_the_statement_itself_lacks_is_rejected),
		CASE(the_verifiers_profile_counts),
		CASE(a_proof_that_proves_nothing_is_rejected),
		CASE(what_is_revoked_is_rejected),
		CASE(a_certificate_is_no_revocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

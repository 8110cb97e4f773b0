/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "reports/tests/certifiable.h"
#include "reports/tests/certified.h"

/* Every change in a certificate, or in a file that it refers to, is detected. */

static void expect_change_rejected(struct certified *fixture, size_t at, char to)
{
	char was = fixture->text[at];

	fixture->text[at] = to;
	if (certified_accept(fixture, fixture->text, strlen(fixture->text)) != -EBADMSG)
		fail_msg("byte %zu of the envelope may be another", at);
	fixture->text[at] = was;
}

/* The last digit of a padded base64 has unused bits, so it is changed to every other value. */
static void no_byte_of_the_envelope_may_change(void **state)
{
	struct certified *fixture = *state;
	size_t length = strlen(fixture->text), ends = 0;

	for (size_t i = 0; i < length; i++) {
		char byte = fixture->text[i];
		bool end = byte != '=' && fixture->text[i + 1] == '=';

		expect_change_rejected(fixture, i, (char)(byte ^ (i % 2 ? 0x01 : 0x20)));
		for (int to = 1; end && to < 256; to++) {
			if ((char)to != byte)
				expect_change_rejected(fixture, i, (char)to);
		}
		ends += end;
	}
	assert_true(ends <= 2);
	assert_int_equal(certified_accept(fixture, fixture->text, length), 0);
}

static void expect_changes_rejected(struct certified *fixture, struct certificate_file *file)
{
	static const unsigned char changes[] = { 0x01, 0x20, 0xff };

	for (size_t i = 0; i < file->length; i++) {
		for (size_t k = 0; k < sizeof(changes); k++) {
			fixture->rejection = (struct rejection){ 0 };
			file->bytes[i] ^= (char)changes[k];
			certificate_files_digest(&fixture->files);
			if (certificate_validate_files(fixture->statement, &fixture->files,
					    fixture->profile, &fixture->rejection) != -EBADMSG)
				fail_msg("byte %zu of %s may be another", i, file->name);
			file->bytes[i] ^= (char)changes[k];
		}
	}
	certificate_files_digest(&fixture->files);
	assert_int_equal(certified_accept(fixture, fixture->text, strlen(fixture->text)), 0);
}

static void no_byte_of_the_evidence_may_change(void **state)
{
	struct certified *fixture = *state;

	expect_changes_rejected(fixture, &fixture->files.identity);
	expect_changes_rejected(fixture, &fixture->files.proof);
	expect_changes_rejected(fixture, &fixture->files.results);
}

static void a_shorter_or_longer_envelope_is_rejected(void **state)
{
	struct certified *fixture = *state;
	size_t length = strlen(fixture->text);

	for (size_t i = 0; i < length; i++)
		assert_int_equal(certified_accept(fixture, fixture->text, i), -EBADMSG);
	fixture->text = realloc(fixture->text, length + 2);
	assert_non_null(fixture->text);
	strcpy(fixture->text + length, " ");
	assert_int_equal(certified_accept(fixture, fixture->text, length + 1), -EBADMSG);
}

static void a_deleted_failing_check_is_rejected(void **state)
{
	struct certified *fixture = *state;
	struct record *checks = record_array();
	const struct record *all = record_get(fixture->results, "checks");

	for (size_t i = 0; i < record_length(all); i++) {
		if (strcmp(record_str(record_at(all, i), "verdict", ""), "fail"))
			record_add(checks, record_copy(record_at(all, i)));
	}
	assert_int_equal(record_length(checks), record_length(all) - 1);
	record_put(fixture->results, "checks", checks);
	certified_file(fixture);
	certified_expect(fixture, certified_accept(fixture, fixture->text, strlen(fixture->text)),
			"subject-digest");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, certified_setup, certified_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(no_byte_of_the_envelope_may_change),
		CASE(no_byte_of_the_evidence_may_change),
		CASE(a_shorter_or_longer_envelope_is_rejected),
		CASE(a_deleted_failing_check_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

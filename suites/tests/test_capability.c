/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "reports/results/capability.h"
#include "reports/results/patterns.h"

/* A profile of two capabilities, and the results of a run of their checks on an emulated rig. */
struct fixture {
	char folder[64];
	struct certification_profile *profile;
	struct record *results, *states;
	struct err err;
};

static const char capabilities[] = "[Capability vlan]\nTitle=Port VLANs\n"
				   "Checks=vlan.* !vlan.other\nMandatory=vlan.in vlan.out\n"
				   "[Capability rate]\nTitle=Rates\nChecks=rate.*\nMandatory=\n"
				   "[None]\nChecks=mtu.*\n";
static const char strict[] = "[Profile]\nTitle=Strict\nRequires=vlan\n";

static struct record *parsed(const char *text)
{
	struct record *record = NULL;
	struct err err = { 0 };

	if (record_parse("test", text, strlen(text), &record, &err) < 0)
		fail_msg("%s", err.msg);
	return record;
}

static void write_file(const struct fixture *fixture, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s.ini", fixture->folder, name);
	assert_int_equal(file_write_atomic(AT_FDCWD, path, text, strlen(text), NULL), 0);
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->folder, "test-capability-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	write_file(fixture, "capabilities", capabilities);
	write_file(fixture, "strict", strict);
	assert_int_equal(cert_profile_load(fixture->folder, "strict", &fixture->profile, NULL), 0);
	fixture->results = results_new(parsed("{\"complete\":true}"),
			parsed("{\"software\":{\"kernel\":\"6.12\",\"driver\":\"igb\",\"firmware\":"
			       "\"3.25\"},\"rig\":{\"origin\":\"emulated\"}}"));
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	file_remove_tree(fixture->folder, NULL);
	cert_profile_free(fixture->profile);
	record_free(fixture->results);
	record_free(fixture->states);
	free(fixture);
	return 0;
}

/* Adds a check with MEMBERS, JSON without its braces: what vfsuite sent about the check. Returns
 * the stored check. */
static struct record *add(struct fixture *fixture, const char *id, const char *members)
{
	struct record *checks = record_edit(fixture->results, "checks");
	struct check_result check;
	struct record *sent;
	char text[512];

	snprintf(text, sizeof(text), "{\"id\":\"%s\",%s}", id, members);
	sent = parsed(text);
	assert_int_equal(check_result_from_record(CHECK_RESULT_SENT, sent, &check, NULL), 0);
	check.suite = "vlan";
	check.title = "";
	check.origin = "emulated";
	results_add(fixture->results, &check);
	record_free(sent);
	return record_edit_at(checks, record_length(checks) - 1);
}

static void add_both(struct fixture *fixture)
{
	add(fixture, "vlan.in", "\"verdict\":\"pass\"");
	add(fixture, "vlan.out", "\"verdict\":\"pass\"");
}

static void expect(struct fixture *fixture, enum capability_state state, const char *reason)
{
	CLEANUP(cleanup_reader)
	struct results_reader *reader = reader_from_record(fixture->results);
	const struct record *vlan;
	const char *why;

	if (reader_error(reader, &fixture->err) < 0)
		fail_msg("%s", fixture->err.msg);
	record_free(fixture->states);
	fixture->states = capability_assess(fixture->profile, reader);
	vlan = capability_find(fixture->states, "vlan");
	why = record_str(vlan, "reason", "");
	if (capability_state(vlan) != state || !strstr(why, reason))
		fail_msg("%s: %s", record_str(vlan, "state", "?"), why);
	if (state == CAPABILITY_CERTIFIED)
		assert_string_equal(why, "");
}

static void all_pass_is_certified(void **state)
{
	struct fixture *fixture = *state;

	add_both(fixture);
	add(fixture, "vlan.extra", "\"verdict\":\"skip\",\"reason\":\"no wire\"");
	add(fixture, "vlan.other", "\"verdict\":\"fail\"");
	expect(fixture, CAPABILITY_CERTIFIED, "");
	assert_int_equal(record_int(capability_find(fixture->states, "vlan"), "total", 0), 3);
	assert_int_equal(record_int(capability_find(fixture->states, "vlan"), "pass", 0), 2);
}

static void a_known_failure_is_a_quirk(void **state)
{
	struct fixture *fixture = *state;
	struct record *extra;

	add_both(fixture);
	extra = add(fixture, "vlan.extra", "\"verdict\":\"fail\"");
	record_put_str(extra, "verdict", "known");
	record_put_str(extra, "quirk", "q1");
	expect(fixture, CAPABILITY_QUIRKS, "q1");
}

static void a_known_failure_of_a_mandatory_check_is_a_failure(void **state)
{
	struct fixture *fixture = *state;
	struct record *in;

	add(fixture, "vlan.out", "\"verdict\":\"pass\"");
	in = add(fixture, "vlan.in", "\"verdict\":\"fail\"");
	record_put_str(in, "verdict", "known");
	expect(fixture, CAPABILITY_FAILED, "vlan.in is mandatory");
}

static void any_failure_and_change_is_a_failure(void **state)
{
	struct fixture *fixture = *state;
	struct record *extra;

	add_both(fixture);
	extra = add(fixture, "vlan.extra", "\"verdict\":\"fail\",\"reason\":\"it leaks\"");
	expect(fixture, CAPABILITY_FAILED, "vlan.extra fails: it leaks");
	record_put_str(extra, "verdict", "changed");
	expect(fixture, CAPABILITY_FAILED, "vlan.extra has changed");
}

static void the_cards_lack_is_not_supported(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, "vlan.in",
			"\"verdict\":\"skip\",\"need\":\"vf-policy\",\"reason\":\"no settings\"");
	expect(fixture, CAPABILITY_NOT_SUPPORTED, "vlan.in: no settings");
}

static void the_rigs_lack_is_not_tested(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, "vlan.in", "\"verdict\":\"skip\",\"need\":\"wire\",\"reason\":\"no partner\"");
	add(fixture, "vlan.out", "\"verdict\":\"pass\"");
	expect(fixture, CAPABILITY_NOT_TESTED, "vlan.in was skipped: no partner");
}

static void what_did_not_run_is_not_tested(void **state)
{
	struct fixture *fixture = *state;

	expect(fixture, CAPABILITY_NOT_TESTED, "none of its checks ran");
	add(fixture, "vlan.in", "\"verdict\":\"pass\"");
	expect(fixture, CAPABILITY_NOT_TESTED, "1 mandatory check did not run, first vlan.out");
	add(fixture, "vlan.out", "\"verdict\":\"pass\"");
	record_put_bool(results_run(fixture->results), "complete", false);
	expect(fixture, CAPABILITY_NOT_TESTED, "the run did not end");
}

static void what_is_doubtful_is_not_tested(void **state)
{
	struct fixture *fixture = *state;
	struct record *extra;

	add_both(fixture);
	extra = add(fixture, "vlan.extra", "\"verdict\":\"broken\"");
	expect(fixture, CAPABILITY_NOT_TESTED, "vlan.extra is broken");
	record_put_str(extra, "verdict", "pass");
	record_put_str(extra, "origin", "silicon");
	expect(fixture, CAPABILITY_NOT_TESTED, "another origin");
	record_put_str(extra, "origin", "emulated");
	record_put(results_run(fixture->results), "rounds",
			parsed("{\"differ\":[{\"id\":\"vlan.in\"}]}"));
	expect(fixture, CAPABILITY_NOT_TESTED, "vlan.in was not the same in all rounds");
}

static void the_guests_word_alone_certifies_nothing(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, "vlan.in",
			"\"verdict\":\"pass\",\"evidence\":[{\"name\":\"heard\",\"value\":8,"
			"\"by\":\"guest\"}]");
	add(fixture, "vlan.out",
			"\"verdict\":\"pass\",\"evidence\":[{\"name\":\"heard\",\"value\":8,"
			"\"by\":\"guest\"},{\"name\":\"on the wire\",\"value\":8}]");
	expect(fixture, CAPABILITY_NOT_TESTED, "vlan.in stands on the guest's word alone");
}

static void nothing_mandatory_certifies_nothing(void **state)
{
	struct fixture *fixture = *state;
	const struct record *rate;

	add(fixture, "rate.max", "\"verdict\":\"pass\"");
	expect(fixture, CAPABILITY_NOT_TESTED, "none of its checks ran");
	rate = capability_find(fixture->states, "rate");
	assert_int_equal(capability_state(rate), CAPABILITY_NOT_TESTED);
	assert_string_equal(record_str(rate, "reason", ""), "no check is mandatory for it yet");
}

static void other_software_makes_it_stale(void **state)
{
	struct fixture *fixture = *state;
	const struct record *identity = record_get(fixture->results, "identity");
	struct record *now = record_copy(identity);

	add_both(fixture);
	expect(fixture, CAPABILITY_CERTIFIED, "");
	capability_age(fixture->states, identity, now);
	assert_int_equal(capability_state(record_at(fixture->states, 0)), CAPABILITY_CERTIFIED);
	record_put_str(record_edit(now, "software"), "kernel", "6.13");
	capability_age(fixture->states, identity, now);
	record_free(now);
	assert_int_equal(capability_state(record_at(fixture->states, 0)), CAPABILITY_STALE);
	assert_string_equal(record_str(record_at(fixture->states, 0), "reason", ""),
			"certified with kernel 6.12, and it is 6.13 now");
	assert_int_equal(capability_state(record_at(fixture->states, 1)), CAPABILITY_NOT_TESTED);
}

static void bad_profiles_are_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "[Profile]\nTitle=T\nRequires=vlan flying\n", "no capability" },
		{ "[Profile]\nTitle=T\n", "Requires=" },
		{ "[Profile]\nTitle=T\nRequires=vlan\nColour=red\n", "bad.ini:4:1" },
		{ "[Capability vlan]\n", "[Profile]" },
	};
	struct fixture *fixture = *state;
	struct certification_profile *none = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err err = { 0 };

		write_file(fixture, "bad", bad[i][0]);
		assert_int_equal(cert_profile_load(fixture->folder, "bad", &none, &err), -EINVAL);
		if (!strstr(err.msg, bad[i][1]))
			fail_msg("%s", err.msg);
	}
	assert_int_equal(cert_profile_load(fixture->folder, "absent", &none, NULL), -EINVAL);
	assert_int_equal(cert_profile_load(fixture->folder, "../strict", &none, NULL), -EINVAL);
	write_file(fixture, "capabilities",
			"[Capability vlan]\nTitle=T\nChecks=vlan.*\nMandatory=rate.max\n");
	assert_int_equal(cert_profile_load(fixture->folder, "strict", &none, &fixture->err),
			-EINVAL);
	assert_non_null(strstr(fixture->err.msg, "Mandatory= names a check that is not in"));
	assert_null(none);
}

/* How many capabilities, including [None], a check belongs to. */
static unsigned homes(const struct certification_profile *profile, const char *check)
{
	unsigned count = patterns_match(profile->unassigned, check);

	for (size_t i = 0; i < profile->count; i++)
		count += patterns_match(profile->list[i].checks, check);
	return count;
}

static struct record *listed_checks(void)
{
	struct record *listing, *ids = record_object();
	const struct record *checks;
	struct err err = { 0 };
	char *text = NULL;

	if (process_run((const char *const[]){ VFSUITE, "--list", NULL }, deadline_in(20000), &text,
			    &err) < 0)
		fail_msg("%s", err.msg);
	listing = parsed(text);
	free(text);
	checks = record_get(listing, "checks");
	assert_true(record_length(checks) > 0);
	for (size_t i = 0; i < record_length(checks); i++)
		record_put_bool(ids, record_str(record_at(checks, i), "id", ""), true);
	record_free(listing);
	return ids;
}

/* Compares the files of suites/profiles with the checks that vfsuite really has. */
static void every_check_is_of_one_capability(void **state)
{
	struct record *ids = listed_checks();
	const struct record *mandatory, *value;
	struct certification_profile *profile = NULL;
	struct err err = { 0 };
	const char *id;

	(void)state;
	if (cert_profile_load(PROFILES_DIR, NULL, &profile, &err) < 0)
		fail_msg("%s", err.msg);
	for (size_t i = 0; record_member(ids, i, &id, &value); i++) {
		if (homes(profile, id) != 1)
			fail_msg("%s is of %u capabilities: name it in one of "
				 "suites/profiles/capabilities.ini, or in [None]",
					id, homes(profile, id));
	}
	for (size_t i = 0; i < profile->count; i++) {
		mandatory = profile->list[i].mandatory;
		for (size_t k = 0; k < record_length(mandatory); k++) {
			if (!record_get(ids, record_text(record_at(mandatory, k))))
				fail_msg("%s is mandatory, and vfsuite has no such check",
						record_text(record_at(mandatory, k)));
		}
	}
	cert_profile_free(profile);
	record_free(ids);
}

static void the_profiles_can_be_read(void **state)
{
	static const char *const names[] = { "default", "networks", "tenants" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct certification_profile *profile = NULL;
		struct err err = { 0 };

		if (cert_profile_load(PROFILES_DIR, names[i], &profile, &err) < 0)
			fail_msg("%s", err.msg);
		assert_string_equal(profile->id, names[i]);
		cert_profile_free(profile);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Others can compute the digest of the profile in a certificate without this project. */
static void sha256sum_gives_the_same_digest(void **state)
{
	struct fixture *fixture = *state;
	char command[160], sum[80] = "";
	FILE *shell;

	snprintf(command, sizeof(command),
			"cd '%s' && sha256sum capabilities.ini strict.ini | sha256sum",
			fixture->folder);
	shell = popen(command, "r");
	assert_non_null(shell);
	assert_non_null(fgets(sum, sizeof(sum), shell));
	assert_int_equal(pclose(shell), 0);
	assert_int_equal(strncmp(sum, fixture->profile->digest, 64), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sha256sum_gives_the_same_digest, setup, teardown),
		CASE(all_pass_is_certified),
		CASE(a_known_failure_is_a_quirk),
		CASE(a_known_failure_of_a_mandatory_check_is_a_failure),
		CASE(any_failure_and_change_is_a_failure),
		CASE(the_cards_lack_is_not_supported),
		CASE(the_rigs_lack_is_not_tested),
		CASE(what_did_not_run_is_not_tested),
		CASE(what_is_doubtful_is_not_tested),
		CASE(the_guests_word_alone_certifies_nothing),
		CASE(nothing_mandatory_certifies_nothing),
		CASE(other_software_makes_it_stale),
		CASE(bad_profiles_are_refused),
		cmocka_unit_test(every_check_is_of_one_capability),
		cmocka_unit_test(the_profiles_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "reports/results/quirks.h"
#include "reports/results/results_reader.h"

/* A folder with quirk files, and results of one run on an emulated igb. */
struct fixture {
	char folder[64];
	struct quirks *quirks;
	struct record *results;
	struct check_result checks[32]; /* not yet in the results */
	size_t count;
};

static struct record *parsed(const char *text)
{
	struct record *record = NULL;
	struct err err = { 0 };

	if (record_parse("test", text, strlen(text), &record, &err) < 0)
		fail_msg("%s", err.msg);
	return record;
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->folder, "test-quirks-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->results = results_new(parsed("{\"started\":\"2026-06-01T00:00:00Z\"}"),
			parsed("{\"card\":{\"vendor\":\"8086\",\"device\":\"10c9\"},\"software\":{"
			       "\"kernel\":"
			       "\"6.12.95+deb13-amd64\",\"driver\":\"igb\",\"firmware\":\"3.25\"},"
			       "\"rig\":{"
			       "\"origin\":\"emulated\",\"qemu\":\"10.0.2\",\"topology\":\"igb\"}"
			       "}"));
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	file_remove_tree(fixture->folder, NULL);
	quirks_free(fixture->quirks);
	record_free(fixture->results);
	for (size_t i = 0; i < fixture->count; i++)
		check_result_free(&fixture->checks[i]);
	free(fixture);
	return 0;
}

static void add_check(struct fixture *fixture, const char *id, enum verdict verdict)
{
	assert_true(fixture->count < sizeof(fixture->checks) / sizeof(*fixture->checks));
	fixture->checks[fixture->count++] = (struct check_result){ .id = id,
		.suite = "mac",
		.title = "",
		.verdict = verdict,
		.reason = verdict == VERDICT_PASS ? NULL : "20 of 20 on the wire",
		.origin = "emulated" };
}

static void apply_quirks(struct fixture *fixture)
{
	for (size_t i = 0; i < fixture->count; i++)
		quirks_apply(fixture->quirks, fixture->results, &fixture->checks[i]);
}

static int load(struct fixture *fixture, const char *name, const char *text, struct err *err)
{
	char *path = text_format("%s/%s", fixture->folder, name);
	int rc = file_write_atomic(AT_FDCWD, path, text, strlen(text), NULL);

	free(path);
	assert_int_equal(rc, 0);
	quirks_free(fixture->quirks);
	fixture->quirks = NULL;
	return quirks_load(fixture->folder, &fixture->quirks, err);
}

#define KNOWN "Why=w\nSource=s\n"

static void predicted_failures_are_known_and_passes_changed(void **state)
{
	struct fixture *fixture = *state;

	add_check(fixture, "mac.spoof-blocked", VERDICT_FAIL);
	add_check(fixture, "mac.other", VERDICT_FAIL);
	add_check(fixture, "mac.no-self-echo", VERDICT_PASS);
	add_check(fixture, "mac.multicast", VERDICT_SKIP);
	assert_int_equal(load(fixture, "a.ini",
					 "[Quirk q]\nChecks=mac.spoof-* mac.no-self-echo "
					 "mac.multicast\n"
					 "Driver=igb\nOrigin=emulated\nEmulator=qemu >=8.0 <12\n"
					 "Device=8086:10c9\nKernel=>=6.9 <6.13\n" KNOWN,
					 NULL),
			0);
	apply_quirks(fixture);
	assert_int_equal(fixture->checks[0].verdict, VERDICT_KNOWN);
	assert_string_equal(fixture->checks[0].quirk, "q");
	assert_string_equal(fixture->checks[0].reason, "w (s)");
	assert_string_equal(fixture->checks[0].observed, "20 of 20 on the wire");
	assert_int_equal(fixture->checks[1].verdict, VERDICT_FAIL);
	assert_null(fixture->checks[1].quirk);
	assert_int_equal(fixture->checks[2].verdict, VERDICT_CHANGED);
	assert_int_equal(fixture->checks[3].verdict, VERDICT_SKIP);
	for (size_t i = 0; i < fixture->count; i++)
		results_add(fixture->results, &fixture->checks[i]);
	assert_int_equal(results_validate(fixture->results, NULL), 0);
}

static void every_condition_counts(void **state)
{
	static const char *const unmet[] = { "Driver=ixgbe", "Origin=silicon", "Device=8086:10ca",
		"Emulator=qemu >=10.1", "Emulator=qemu <10.0.2", "Kernel=>6.12.95", "Kernel=<6.9",
		"Firmware=4.*", "Topology=switch", "Reason=*no answer*", "Expires=2026-05-31",
		"Kernel=>=5.0 <6.0", "Kernel==6.12" };
	static const char *const met[] = { "Driver=ixgbe igb", "Origin=emulated", "Device=8086:*",
		"Emulator=qemu", "Emulator=qemu <=10.0.2", "Kernel=>=6.12", "Kernel=<6.13",
		"Firmware=3.*", "Topology=igb", "Reason=*on the wire", "Expires=2026-06-01" };
	struct fixture *fixture = *state;

	add_check(fixture, "mac.spoof-blocked", VERDICT_FAIL);
	for (size_t i = 0; i < sizeof(unmet) / sizeof(*unmet); i++) {
		char *text = text_format("[Quirk q]\nChecks=*\n%s\n" KNOWN, unmet[i]);

		assert_int_equal(load(fixture, "a.ini", text, NULL), 0);
		free(text);
		apply_quirks(fixture);
		if (fixture->checks[0].verdict != VERDICT_FAIL)
			fail_msg("%s was met", unmet[i]);
	}
	for (size_t i = 0; i < sizeof(met) / sizeof(*met); i++) {
		char *text = text_format("[Quirk q]\nChecks=*\n%s\n" KNOWN, met[i]);

		add_check(fixture, "mac.spoof-blocked", VERDICT_FAIL);
		assert_int_equal(load(fixture, "a.ini", text, NULL), 0);
		free(text);
		apply_quirks(fixture);
		if (fixture->checks[i + 1].verdict != VERDICT_KNOWN)
			fail_msg("%s was not met", met[i]);
	}
}

static void an_expired_quirk_says_so(void **state)
{
	struct fixture *fixture = *state;

	add_check(fixture, "mac.spoof-blocked", VERDICT_FAIL);
	assert_int_equal(load(fixture, "a.ini", "[Quirk q]\nChecks=*\nExpires=2026-05-31\n" KNOWN,
					 NULL),
			0);
	apply_quirks(fixture);
	assert_non_null(strstr(fixture->checks[0].reason, "the quirk q expired on 2026-05-31"));
}

static void bad_files_are_named(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "[Quirk q]\nChecks=a\nWhy=w\n", "a.ini:1:1: [Quirk q] Source=" },
		{ "[Quirk]\nChecks=a\n" KNOWN, "needs an id" },
		{ "[Quirk q]\nChecks=a\nChck=a\n" KNOWN, "a.ini:3:1: unknown key Chck" },
		{ "[Qirk q]\nChecks=a\n" KNOWN, "unknown section [Qirk]" },
		{ "[Quirk q]\nChecks=a\nOrigin=paper\n" KNOWN, "a.ini:3:1" },
		{ "[Quirk q]\nChecks=a\nKernel=6.1\n" KNOWN, "Kernel= must be" },
		{ "[Quirk q]\nChecks=a\nKernel=>=six\n" KNOWN, "Kernel= must be" },
		{ "[Quirk q]\nChecks=a\nKernel==<6\n" KNOWN, "Kernel= must be" },
		{ "[Quirk q]\nChecks=a\nEmulator=bochs\n" KNOWN, "Emulator= must be" },
		{ "[Quirk q]\nChecks=a\nExpires=soon\n" KNOWN, "Expires= must be" },
		{ "[Quirk q]\nChecks=a\n" KNOWN "[Quirk q]\nChecks=b\n" KNOWN, "already in" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };

		assert_int_equal(load(fixture, "a.ini", cases[i].text, &err), -EINVAL);
		if (!strstr(err.msg, cases[i].said))
			fail_msg("'%s' does not say '%s'", err.msg, cases[i].said);
	}
}

static void the_projects_own_quirks_load(void **state)
{
	struct fixture *fixture = *state;
	struct err err = { 0 };

	if (quirks_load(QUIRKS_DIR, &fixture->quirks, &err) < 0)
		fail_msg("%s", err.msg);
	add_check(fixture, "vlan.hop-blocked", VERDICT_FAIL);
	add_check(fixture, "vlan.refuses-4095", VERDICT_FAIL);
	apply_quirks(fixture);
	assert_int_equal(fixture->checks[0].verdict, VERDICT_KNOWN);
	assert_int_equal(fixture->checks[1].verdict, VERDICT_KNOWN);
}

/* Others can compute the digest of the quirks in a certificate without this project. */
static void sha256sum_gives_the_same_digest(void **state)
{
	CLEANUP(cleanup_quirks) struct quirks *quirks = NULL;
	char sum[80] = "";
	FILE *shell = popen("cd '" QUIRKS_DIR "' && LC_ALL=C && sha256sum *.ini | sha256sum", "r");

	(void)state;
	assert_non_null(shell);
	assert_non_null(fgets(sum, sizeof(sum), shell));
	assert_int_equal(pclose(shell), 0);
	assert_int_equal(quirks_load(QUIRKS_DIR, &quirks, NULL), 0);
	assert_int_equal(strlen(quirks_digest(quirks)), 64);
	assert_int_equal(strncmp(sum, quirks_digest(quirks), 64), 0);
}

static void an_absent_folder_is_an_error(void **state)
{
	struct err err = { 0 };
	struct quirks *quirks = NULL;

	(void)state;
	assert_int_equal(quirks_load("/nonexistent/quirks", &quirks, &err), -ENOENT);
	assert_non_null(strstr(err.msg, "/nonexistent/quirks"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
				predicted_failures_are_known_and_passes_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(every_condition_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(an_expired_quirk_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_files_are_named, setup, teardown),
		cmocka_unit_test_setup_teardown(the_projects_own_quirks_load, setup, teardown),
		cmocka_unit_test(sha256sum_gives_the_same_digest),
		cmocka_unit_test(an_absent_folder_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

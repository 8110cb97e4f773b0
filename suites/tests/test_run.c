/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "reports/results/results_reader.h"
#include "rig/rig_kind.h"
#include "run/execute.h"
#include "run/output.h"
#include "run/repeat.h"

/* A run with a fake vfsuite on the other end of the channel. */
struct fixture {
	struct process process;
	struct run run;
	struct rig rig;
	struct record *results;
	struct err err;
	int started, ended;
};

static void on_start(void *argument, const char *check, size_t index, size_t total)
{
	struct fixture *fixture = argument;

	(void)check;
	assert_true(index < total);
	fixture->started++;
}

static void on_end(void *argument, const struct check_result *check)
{
	struct fixture *fixture = argument;

	assert_int_not_equal(check->verdict, VERDICT_NONE);
	fixture->ended++;
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->process = PROCESS_NONE;
	fixture->rig.identity = record_object();
	fixture->rig.actions = record_array();
	record_put_str(fixture->rig.identity, "origin", "emulated");
	record_put_str(fixture->rig.identity, "vfsuite", "of the program");
	record_put_str(fixture->rig.identity, "pf", "0000:01:00.0");
	record_put_real(fixture->rig.identity, "scale", 0.01);
	fixture->run.rig = &fixture->rig;
	fixture->run.seed = 7;
	fixture->run.events = (struct run_events){
		.start = on_start, .end = on_end, .argument = fixture
	};
	fixture->results = run_begin("vfcert run", 7);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	channel_free(fixture->rig.channel);
	process_end(&fixture->process, 1000);
	record_free(fixture->results);
	record_free(fixture->rig.identity);
	record_free(fixture->rig.actions);
	free(fixture);
	return 0;
}

static void connect_to(struct fixture *fixture, const char *mode)
{
	const char *const argv[] = { FAKE_VFSUITE, mode, NULL };
	int ends[2], rc;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	rc = process_start(argv, (struct process_streams){ ends[1], ends[1], -1 },
			&fixture->process, &fixture->err);
	close(ends[1]);
	if (rc < 0)
		fail_msg("%s", fixture->err.msg);
	fixture->rig.channel = channel_new(ends[0], ends[0]);
}

static int execute(struct fixture *fixture, const char *mode)
{
	connect_to(fixture, mode);
	return run_execute(&fixture->run, fixture->results, &fixture->err);
}

static const char *verdict_of(const struct fixture *fixture, const char *id)
{
	return record_str(select_find(record_get(fixture->results, "checks"), id), "verdict",
			"absent");
}

static void a_whole_run_is_complete(void **state)
{
	struct fixture *fixture = *state;
	const struct record *rig, *suite;

	if (execute(fixture, "sound") < 0)
		fail_msg("%s", fixture->err.msg);
	assert_int_equal(results_validate(fixture->results, NULL), 0);
	assert_int_equal(record_int(record_get(fixture->results, "summary"), "pass", 0), 4);
	assert_int_equal(record_int(record_get(fixture->results, "summary"), "fail", 0), 1);
	assert_true(record_bool(results_run(fixture->results), "complete", false));
	assert_null(record_str(results_run(fixture->results), "why", NULL));
	assert_int_equal(fixture->started, 5);
	assert_int_equal(fixture->ended, 5);
	suite = record_get(results_run(fixture->results), "suite");
	assert_string_equal(record_str(suite, "program", ""), "of the program");
	assert_int_equal(strlen(record_str(suite, "checks", "")), 64);
	rig = record_get(record_get(fixture->results, "identity"), "rig");
	assert_string_equal(record_str(rig, "origin", ""), "emulated");
}

static size_t chosen(const struct selection *selection)
{
	CLEANUP(cleanup_record) struct record *declared = NULL;
	CLEANUP(cleanup_record) struct record *ids = NULL;
	static const char text[] =
			"[{\"id\":\"a.b\",\"suite\":\"a\",\"needs\":[\"wire\"]},"
			"{\"id\":\"g.h\",\"suite\":\"g\",\"needs\":[\"wire\",\"guests\"]},"
			"{\"id\":\"m.n\",\"suite\":\"m\",\"needs\":[\"guests\",\"peer\"]},"
			"{\"id\":\"s.t\",\"suite\":\"s\",\"needs\":[],\"apart\":true}]";
	struct err err = { 0 };

	assert_int_equal(record_parse("list", text, strlen(text), &declared, &err), 0);
	assert_int_equal(select_checks(selection, declared, &ids, &err), 0);
	return record_length(ids);
}

/* Only where nothing is named: what was asked for is skipped, and says why. */
static void a_run_of_all_leaves_out_what_the_rig_lacks(void **state)
{
	static const char *const both[] = { "guests", "peer", NULL },
				 *const peer[] = { "peer", NULL };
	static const char *const named[] = { "g", "m" };
	struct selection selection = { 0 };

	(void)state;
	assert_int_equal(chosen(&selection), 3);
	selection.lacking = both;
	assert_int_equal(chosen(&selection), 1);
	selection.lacking = peer;
	assert_int_equal(chosen(&selection), 2);
	selection.lacking = &both[2];
	assert_int_equal(chosen(&selection), 3);
	selection = (struct selection){ .suites = named, .suite_count = 2, .lacking = both };
	assert_int_equal(chosen(&selection), 2);
}

static void a_selection_is_what_runs(void **state)
{
	static const char *const suites[] = { "b" }, *const checks[] = { "a.[12]" };
	struct fixture *fixture = *state;

	fixture->run.selection = (struct selection){ suites, 1, checks, 1 };
	assert_int_equal(execute(fixture, "sound"), 0);
	assert_int_equal(record_length(record_get(fixture->results, "checks")), 4);
	assert_string_equal(verdict_of(fixture, "a.3"), "absent");
}

static void an_unknown_name_is_reported_with_similar_ones(void **state)
{
	static const char *const checks[] = { "b.knwn" };
	struct fixture *fixture = *state;

	fixture->run.selection = (struct selection){ .checks = checks, .check_count = 1 };
	assert_int_equal(execute(fixture, "sound"), -EINVAL);
	assert_string_equal(fixture->err.msg, "unknown check 'b.knwn' (near: b.known)");
}

/* Tries each way to stop or to break the protocol, with the message and the verdict of the
 * running check. */
static void no_break_is_taken_for_a_whole_run(void **state)
{
	static const struct {
		const char *mode, *said, *in_flight;
		int checks;
	} cases[] = {
		{ "dies", "hung up", "broken", 2 },
		{ "silent", "in time", "broken", 2 },
		{ "babbles", "?[2Jall your base", "broken", 2 },
		{ "other-end", "'a.1', which was not running", "broken", 2 },
		{ "unknown-end", "'z.9', which was not running", "broken", 2 },
		{ "two-starts", "started 'a.3' while a.2 was running", "broken", 2 },
		{ "two-ends", "'a.1', which was not running", "absent", 1 },
		{ "own-verdict", "check a.2: unknown verdict 'known'", "broken", 2 },
		{ "aborts", "eth0 still has 7 VFs", "pass", 2 },
		{ "stale", "different request", "absent", 0 },
		{ "nobody", "does not identify the card", "absent", 0 },
		{ "twice-listed", "a.1 is in it twice", "absent", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture;

		teardown(state);
		setup(state);
		fixture = *state;
		if (execute(fixture, cases[i].mode) == 0)
			fail_msg("%s: taken for complete", cases[i].mode);
		if (!strstr(fixture->err.msg, cases[i].said))
			fail_msg("%s: '%s' does not say '%s'", cases[i].mode, fixture->err.msg,
					cases[i].said);
		assert_string_equal(verdict_of(fixture, "a.2"), cases[i].in_flight);
		assert_int_equal(record_length(record_get(fixture->results, "checks")),
				cases[i].checks);
		assert_int_equal(fixture->started, fixture->ended);
		assert_false(record_bool(results_run(fixture->results), "complete", true));
		assert_string_equal(record_str(results_run(fixture->results), "why", ""),
				fixture->err.msg);
		assert_false(results_good(fixture->results));
		assert_int_equal(results_validate(fixture->results, NULL), 0);
	}
}

static void what_was_not_reached_is_named(void **state)
{
	struct fixture *fixture = *state;
	const struct record *not_run;

	assert_true(execute(fixture, "aborts") < 0);
	not_run = record_get(results_run(fixture->results), "not_run");
	assert_int_equal(record_length(not_run), 3);
	assert_string_equal(record_text(record_at(not_run, 0)), "a.3");
}

static void a_check_without_a_word_is_broken(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(execute(fixture, "silent-check"), 0);
	assert_string_equal(verdict_of(fixture, "a.3"), "broken");
	assert_int_equal(record_length(record_get(fixture->results, "checks")), 5);
}

static int execute_repeated(struct fixture *fixture, const char *mode, struct repeat repeat)
{
	connect_to(fixture, mode);
	return repeat_execute(&repeat, &fixture->run, fixture->results, &fixture->err);
}

static const struct record *rounds_of(const struct fixture *fixture)
{
	return record_get(results_run(fixture->results), "rounds");
}

static void rounds_that_agree_are_recorded(void **state)
{
	struct fixture *fixture = *state;
	struct repeat repeat = { .count = 3, .shuffle = true, .first_seed = 5 };

	assert_int_equal(execute_repeated(fixture, "sound", repeat), 0);
	assert_true(repeat_agrees(fixture->results));
	assert_int_equal(record_int(rounds_of(fixture), "done", 0), 3);
	assert_int_equal(record_number(record_at(record_get(rounds_of(fixture), "seeds"), 2)), 7);
	assert_int_equal(fixture->ended, 15);
	assert_int_equal(record_length(record_get(fixture->results, "checks")), 5);
	assert_int_equal(results_validate(fixture->results, NULL), 0);
}

static void a_check_that_differs_is_named(void **state)
{
	struct fixture *fixture = *state;
	struct repeat repeat = { .count = 3, .shuffle = true, .first_seed = 5 };
	const struct record *differ, *second;

	assert_int_equal(execute_repeated(fixture, "moody", repeat), 0);
	assert_false(repeat_agrees(fixture->results));
	differ = record_get(rounds_of(fixture), "differ");
	assert_int_equal(record_length(differ), 1);
	assert_string_equal(record_str(record_at(differ, 0), "id", ""), "a.2");
	second = record_at(record_get(record_at(differ, 0), "rounds"), 1);
	assert_string_equal(record_str(second, "verdict", ""), "fail");
	assert_int_equal(record_int(second, "seed", 0), 6);
}

static void a_round_that_breaks_off_ends_them(void **state)
{
	struct fixture *fixture = *state;

	assert_true(execute_repeated(fixture, "dies", (struct repeat){ .count = 3 }) < 0);
	assert_int_equal(record_int(rounds_of(fixture), "done", -1), 0);
	assert_non_null(strstr(fixture->err.msg, "round 1: "));
	assert_false(results_good(fixture->results));
}

static void a_seed_fixes_the_order(void **state)
{
	CLEANUP(cleanup_record) struct record *ids = record_array();
	CLEANUP(cleanup_record) struct record *a = NULL;
	CLEANUP(cleanup_record) struct record *b = NULL;
	CLEANUP(cleanup_record) struct record *c = NULL;
	CLEANUP(cleanup_free) char *text_a = NULL;
	CLEANUP(cleanup_free) char *text_b = NULL;
	CLEANUP(cleanup_free) char *text_c = NULL;
	bool seen[26] = { false };

	(void)state;
	for (char letter = 'a'; letter <= 'z'; letter++)
		record_add_str(ids, (char[]){ letter, '\0' });
	a = select_shuffle(ids, 1);
	b = select_shuffle(ids, 1);
	c = select_shuffle(ids, 2);
	for (size_t i = 0; i < record_length(a); i++)
		seen[record_text(record_at(a, i))[0] - 'a'] = true;
	for (size_t i = 0; i < 26; i++)
		assert_true(seen[i]);
	text_a = record_print(a);
	text_b = record_print(b);
	text_c = record_print(c);
	assert_string_equal(text_a, text_b);
	assert_string_not_equal(text_a, text_c);
}

#define FOLDER "test-run-output"

static void put_file(const char *name, const char *text)
{
	assert_int_equal(file_write_atomic(AT_FDCWD, name, text, strlen(text), NULL), 0);
}

static int remove_folder(void **state)
{
	(void)state;
	return file_remove_tree(FOLDER, NULL);
}

static void results_replace_only_results(void **state)
{
	struct record *results = run_begin("vfcert run", 1);
	struct certification_profile *profile = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(cert_profile_load(PROFILES_DIR, NULL, &profile, NULL), 0);
	assert_int_equal(output_claim(FOLDER "/deeper", NULL), 0);
	assert_int_equal(output_claim(FOLDER, &err), -EINVAL); /* contains a folder */
	assert_non_null(strstr(err.msg, "holds no former result"));
	assert_int_equal(output_claim(FOLDER "/deeper", NULL), 0);
	put_file(FOLDER "/deeper/results.json", "{\"schema\":\"thesis/1\"}");
	assert_int_equal(output_claim(FOLDER "/deeper", NULL), -EINVAL);
	assert_int_equal(output_write(FOLDER "/deeper", results, "last words", profile, NULL), 0);
	assert_int_equal(output_claim(FOLDER "/deeper", NULL), 0);
	assert_int_equal(access(FOLDER "/deeper/console.log", F_OK), 0);
	assert_int_equal(output_write(FOLDER "/deeper", results, NULL, profile, NULL), 0);
	assert_int_not_equal(access(FOLDER "/deeper/console.log", F_OK), 0);
	assert_int_equal(access(FOLDER "/deeper/report.html", F_OK), 0);
	cert_profile_free(profile);
	record_free(results);
}

static void a_file_is_no_folder(void **state)
{
	struct err err = { 0 };

	(void)state;
	put_file(FOLDER, "mine");
	assert_int_equal(output_claim(FOLDER, &err), -EINVAL);
	assert_string_equal(err.msg, FOLDER " is not a folder: name another with -o");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_whole_run_is_complete, setup, teardown),
		cmocka_unit_test(a_run_of_all_leaves_out_what_the_rig_lacks),
		cmocka_unit_test_setup_teardown(a_selection_is_what_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(
				an_unknown_name_is_reported_with_similar_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(no_break_is_taken_for_a_whole_run, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_not_reached_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(a_check_without_a_word_is_broken, setup, teardown),
		cmocka_unit_test_setup_teardown(rounds_that_agree_are_recorded, setup, teardown),
		cmocka_unit_test_setup_teardown(a_check_that_differs_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(a_round_that_breaks_off_ends_them, setup, teardown),
		cmocka_unit_test(a_seed_fixes_the_order),
		cmocka_unit_test_setup_teardown(
				results_replace_only_results, remove_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_file_is_no_folder, remove_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

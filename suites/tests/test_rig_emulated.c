/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/rig_place.h"

#define ANSWER_MS 30000

/* All tests share one place, so that only the first test boots. */
struct fixture {
	struct rig_place place;
	struct rig *rig;
	struct err err;
};

static int setup_place(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int rc = rig_place_init(&fixture->place, SOURCE_DIR, BUILD_DIR, &fixture->err);

	*state = fixture;
	if (rc < 0)
		fprintf(stderr, "%s\n", fixture->err.msg);
	return rc;
}

static int teardown_place(void **state)
{
	struct fixture *fixture = *state;

	rig_place_free(&fixture->place);
	free(fixture);
	return 0;
}

static int teardown_rig(void **state)
{
	struct fixture *fixture = *state;

	rig_down(TAKE(fixture->rig));
	fixture->err = (struct err){ 0 };
	fixture->place.reports[0] = '\0';
	return 0;
}

static void up(struct fixture *fixture)
{
	if (rig_up(&fixture->place.options, &fixture->rig, &fixture->err) < 0)
		fail_msg("%s (%s)", fixture->err.msg, fixture->place.reports);
}

static void down(struct fixture *fixture)
{
	rig_down(TAKE(fixture->rig));
	assert_true(rig_place_is_clean(&fixture->place));
}

static int ask(struct fixture *fixture, const char *op, struct record **answer)
{
	struct record *request = record_object();

	record_put_str(request, "op", op);
	return channel_ask(rig_channel(fixture->rig), request, deadline_in(ANSWER_MS), answer,
			&fixture->err);
}

static bool from_snapshot(struct fixture *fixture)
{
	return record_bool(rig_identity(fixture->rig), "snapshot", false);
}

static void comes_up_from_a_snapshot(void **state)
{
	struct fixture *fixture = *state;
	const struct record *identity;
	CLEANUP(cleanup_record) struct record *answer = NULL;

	up(fixture);
	assert_false(from_snapshot(fixture));
	down(fixture);
	up(fixture);
	identity = rig_identity(fixture->rig);
	assert_true(from_snapshot(fixture));
	assert_string_equal(record_str(identity, "kind", ""), "emulated");
	assert_string_equal(record_str(identity, "origin", ""), "emulated");
	assert_string_equal(record_str(identity, "topology", ""), "igb");
	assert_string_equal(record_str(identity, "pf", ""), "0000:01:00.0");
	assert_true(record_real(identity, "scale", 0) >= 1.0);
	if (ask(fixture, "checks", &answer) < 0)
		fail_msg("%s", fixture->err.msg);
	assert_true(record_length(record_get(answer, "checks")) > 0);
	down(fixture);
}

static void reports_that_qemu_was_killed(void **state)
{
	struct fixture *fixture = *state;

	up(fixture);
	kill(rig_place_process(&fixture->place), SIGKILL);
	assert_int_equal(ask(fixture, "checks", NULL), -EPIPE);
	assert_says(fixture->err.msg, "QEMU has ended: killed by signal 9");
	down(fixture);
}

static void reports_that_vfsuite_has_ended(void **state)
{
	struct fixture *fixture = *state;

	up(fixture);
	assert_int_equal(ask(fixture, "quit", NULL), 0);
	assert_int_equal(ask(fixture, "checks", NULL), -EPIPE);
	assert_says(fixture->err.msg, "vfsuite has ended with status 0");
	down(fixture);
}

/* ACTION with the argument BOOT must reboot the machine, and a new vfsuite must answer. */
static void comes_back(
		struct fixture *fixture, const char *action, const char *wanted, const char *boot)
{
	CLEANUP(cleanup_record) struct record *arguments = record_object();
	CLEANUP(cleanup_record) struct record *found = NULL;

	record_put_str(arguments, "boot", wanted);
	if (rig_act(fixture->rig, action, arguments, &fixture->err) < 0 ||
			rig_reboot_wait(fixture->rig, &found, &fixture->err) < 0 ||
			ask(fixture, "checks", NULL) < 0)
		fail_msg("%s: %s", action, fixture->err.msg);
	assert_string_equal(record_str(found, "boot", ""), boot);
	assert_true(record_real(found, "boot_s", 0) > 0);
}

static void comes_back_after_each_end(void **state)
{
	struct fixture *fixture = *state;

	up(fixture);
	comes_back(fixture, "power-cut", "snapshot", "snapshot");
	comes_back(fixture, "power-cut", "cold", "cold");
	comes_back(fixture, "reset", "cold", "cold");
	comes_back(fixture, "reslot", "snapshot", "cold");
	assert_string_equal(record_str(rig_identity(fixture->rig), "pf", ""), "52:54:00:ac:01:01");
	comes_back(fixture, "reslot", "snapshot", "snapshot");
	assert_string_equal(record_str(rig_identity(fixture->rig), "pf", ""), "0000:01:00.0");
	down(fixture);
}

static void lends_the_machine(void **state)
{
	struct fixture *fixture = *state;
	struct stat st;
	CLEANUP(cleanup_free) char *console = NULL;

	up(fixture);
	assert_int_equal(rig_lend_console(fixture->rig, &fixture->err), 0);
	console = text_format("%s/console", rig_folder(fixture->rig));
	assert_int_equal(stat(console, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	kill(rig_place_process(&fixture->place), SIGKILL);
	assert_int_equal(rig_wait(fixture->rig, &fixture->err), 0);
	down(fixture);
}

static void boots_where_the_snapshot_is_bad(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(cleanup_free)
	char *command = text_format(
			"for f in %s/snapshot-*/state; do : >\"$f\"; done", fixture->place.cache);

	assert_int_equal(system(command), 0);
	up(fixture);
	assert_false(from_snapshot(fixture));
	assert_says(fixture->place.reports, "its snapshot does not start");
	down(fixture);
	up(fixture);
	assert_true(from_snapshot(fixture));
	down(fixture);
}

static void reports_what_qemu_rejects(void **state)
{
	struct fixture *fixture = *state;
	struct rig_options options = fixture->place.options;
	const struct ini *overlay;
	struct ini *parsed = NULL;

	assert_int_equal(ini_parse("bad.ini", "[Device pf]\nno-such=1\n", &parsed, NULL), 0);
	overlay = parsed;
	options.overlays = &overlay;
	options.overlay_count = 1;
	assert_int_equal(rig_up(&options, &fixture->rig, &fixture->err), -EPIPE);
	ini_free(parsed);
	assert_says(fixture->err.msg, "Property 'igb.no-such' not found");
	assert_true(rig_place_is_clean(&fixture->place));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_teardown(fn, teardown_rig)
	const struct CMUnitTest tests[] = {
		TEST(comes_up_from_a_snapshot),
		TEST(reports_that_qemu_was_killed),
		TEST(reports_that_vfsuite_has_ended),
		TEST(comes_back_after_each_end),
		TEST(lends_the_machine),
		TEST(boots_where_the_snapshot_is_bad),
		TEST(reports_what_qemu_rejects),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup_place, teardown_place);
}

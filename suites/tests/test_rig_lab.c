/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "tests/assert.h"
#include "tests/rig_place.h"

#define VERB_MS 120000

/* vfcert's verbs, in the folders of a place. */
struct fixture {
	struct rig_place place;
	struct process process;
	char *output;
	struct err err;
};

static int setup_place(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int rc = rig_place_init(&fixture->place, SOURCE_DIR, BUILD_DIR, &fixture->err);

	*state = fixture;
	fixture->process = PROCESS_NONE;
	if (rc < 0)
		fprintf(stderr, "%s\n", fixture->err.msg);
	setenv("XDG_RUNTIME_DIR", fixture->place.run, 1);
	setenv("XDG_CACHE_HOME", fixture->place.cache, 1);
	setenv("VFCERT_DATA_DIR", fixture->place.data, 1);
	setenv("VFCERT", BUILD_DIR "/vfcert", 1);
	return rc;
}

static int teardown_place(void **state)
{
	struct fixture *fixture = *state;

	rig_place_free(&fixture->place);
	free(fixture);
	return 0;
}

static int teardown_verb(void **state)
{
	static const char *const down[] = { "sh", "-c", "\"$VFCERT\" lab down", NULL };
	struct fixture *fixture = *state;

	process_end(&fixture->process, 2000);
	/* A failed test may have left a lab. */
	process_run(down, deadline_in(VERB_MS), NULL, NULL);
	free(TAKE(fixture->output));
	fixture->err = (struct err){ 0 };
	return 0;
}

/* Runs shell commands, which must succeed. */
static void run(struct fixture *fixture, const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	free(TAKE(fixture->output));
	if (process_run(argv, deadline_in(VERB_MS), &fixture->output, &fixture->err) < 0)
		fail_msg("%s: %s", script, fixture->err.msg);
}

static void begin(struct fixture *fixture, const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	assert_int_equal(process_start(argv, (struct process_streams){ -1, -1, -1 },
					 &fixture->process, &fixture->err),
			0);
}

static bool runs_qemu(void *argument)
{
	return rig_place_process(argument) && rig_place_leftovers(argument);
}

/* A signal during the boot ends the lab of a shell. */
static int end_by(struct fixture *fixture, int number)
{
	int status;

	begin(fixture, "exec \"$VFCERT\" lab shell --cold");
	assert_true(clock_poll(runs_qemu, &fixture->place, deadline_in(VERB_MS), 20));
	kill(fixture->process.pid, number);
	assert_int_equal(process_wait(&fixture->process, deadline_in(VERB_MS), &status), 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
	return status;
}

static void an_interrupt_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;

	end_by(fixture, SIGINT);
	assert_true(rig_place_is_clean(&fixture->place));
	end_by(fixture, SIGTERM);
	assert_true(rig_place_is_clean(&fixture->place));
}

static bool runs_nothing(void *argument)
{
	return !rig_place_process(argument);
}

static void the_next_start_cleans_up_after_a_kill(void **state)
{
	struct fixture *fixture = *state;

	end_by(fixture, SIGKILL);
	assert_true(clock_poll(runs_nothing, &fixture->place, deadline_in(VERB_MS), 20));
	assert_int_equal(rig_place_leftovers(&fixture->place), 1);
	run(fixture, "echo true | \"$VFCERT\" lab shell");
	assert_true(rig_place_is_clean(&fixture->place));
}

static void a_script_runs_in_the_lab(void **state)
{
	struct fixture *fixture = *state;

	run(fixture, "echo 'id -u; vfctl list' | \"$VFCERT\" lab shell");
	assert_int_equal(strncmp(fixture->output, "0\n", 2), 0);
	assert_says(fixture->output, "0000:01:00.0");
	run(fixture, "printf 'x=5\\nexit 4' | \"$VFCERT\" lab shell; test $? = 4");
	assert_string_equal(fixture->output, "");
	assert_true(rig_place_is_clean(&fixture->place));
}

static void the_lab_stays_until_it_is_taken_down(void **state)
{
	struct fixture *fixture = *state;

	run(fixture, "\"$VFCERT\" lab up");
	assert_says(fixture->output, "vfcert lab shell");
	run(fixture, "! \"$VFCERT\" lab up 2>&1");
	assert_says(fixture->output, "a lab is up");
	run(fixture, "echo 'echo mark >/run/kept' | \"$VFCERT\" lab shell");
	run(fixture, "echo 'cat /run/kept' | \"$VFCERT\" lab shell");
	assert_string_equal(fixture->output, "mark\n");
	run(fixture, "\"$VFCERT\" lab down");
	assert_true(rig_place_is_clean(&fixture->place));
	run(fixture, "\"$VFCERT\" lab down");
	assert_says(fixture->output, "No lab is up");
}

/* A script that continues after a reboot fails with a message. */
static void vfs_come_back_when_the_lab_reboots(void **state)
{
	struct fixture *fixture = *state;

	run(fixture, "\"$VFCERT\" lab up");
	run(fixture,
			"\"$VFCERT\" lab shell <<'END'\n"
			"printf '[Match]\\nPath=0000:01:00.0\\n[PF]\\nSR-IOVVirtualFunctions=2\\n"
			"[SR-IOV]\\nVirtualFunction=0-1\\nVLANId=10\\n' >/etc/vfctl/10-lab.conf\n"
			"vfctl apply && touch /run/lost && reboot\n"
			"END");
	assert_says(fixture->output, "verified");
	run(fixture, "echo 'ls /run/lost; vfctl status' | \"$VFCERT\" lab shell");
	assert_says(fixture->output, "No such file");
	assert_says(fixture->output, "all as wanted");
	run(fixture,
			"printf 'ip link set eth0 vf 1 vlan 20\\nvfctl status' | "
			"\"$VFCERT\" lab shell; test $? = 1");
	assert_says(fixture->output, "1   VLAN     10      20");
	run(fixture, "printf 'reboot\\nsleep 60\\n' | \"$VFCERT\" lab shell 2>&1; test $? = 3");
	assert_says(fixture->output, "the machine has restarted before the script ended");
	run(fixture, "\"$VFCERT\" lab down");
	assert_true(rig_place_is_clean(&fixture->place));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_teardown(fn, teardown_verb)
	const struct CMUnitTest tests[] = {
		TEST(an_interrupt_leaves_nothing),
		TEST(the_next_start_cleans_up_after_a_kill),
		TEST(a_script_runs_in_the_lab),
		TEST(the_lab_stays_until_it_is_taken_down),
		TEST(vfs_come_back_when_the_lab_reboots),
	};

	return cmocka_run_group_tests(tests, setup_place, teardown_place);
}

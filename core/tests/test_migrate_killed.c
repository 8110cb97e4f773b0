/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/signals.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/move_world.h"
#include "tests/world_steps.h"
#include "vm/upgrade.h"

/* What a migration leaves when any of its steps fails, when ctrl-C comes there, and when its process
 * is killed there. */

enum { NICS = 2 };

/* --- Steps ------------------------------------------------------------------------------------- */

/* Two are no failures of one step: it goes on for ever, or nobody knows what has happened. */
static void step_of_migration(enum fake_phase phase)
{
	bool fails = step() && phase != PHASE_ENDLESS && phase != PHASE_UNSURE;

	world.libvirt->migration_fails = fails ? phase : PHASE_NONE;
}

static int begin(void **state)
{
	int rc = move_begin(state);

	move_attach(NICS, DOMAIN_LIVE);
	steps_begin();
	world.libvirt->migrate = step_of_migration;
	return rc;
}

static void begin_anew(void **state)
{
	move_end(state);
	begin(state);
}

static bool is_at_target(void)
{
	return target.libvirt->count > 0;
}

/* How many steps one takes that ends well. */
static unsigned count_steps(void **state)
{
	struct err err = { 0 };
	unsigned count;

	if (move(&(struct moved){ 0 }, &err) < 0)
		fail_msg("%s", err.msg);
	count = steps.done;
	assert_moved(NICS);
	begin_anew(state);
	assert_true(count > 5 * NICS);
	return count;
}

/* --- Failures and signals ---------------------------------------------------------------------- */

static void stays_as_it_was_when_any_step_fails(void **state)
{
	unsigned count = count_steps(state);

	for (unsigned at = 1; at <= count; at++) {
		struct err err = { 0 };
		int rc;

		steps.fails_at = at;
		rc = move(&(struct moved){ 0 }, &err);
		if (is_at_target() ? rc != 0 : rc == 0)
			fail_msg("step %u: %d, %s", at, rc, err.msg);
		if (is_at_target()) {
			world.libvirt->migrate = NULL;
			move_settle(NULL);
		} else {
			assert_stayed(NICS);
		}
		begin_anew(state);
	}
}

static void take_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigtimedwait(&set, NULL, &(struct timespec){ 0 });
}

static void stays_or_moves_when_it_is_interrupted(void **state)
{
	unsigned count = count_steps(state), stayed = 0;

	for (unsigned at = 1; at <= count; at++) {
		struct err err = { 0 };
		int rc;

		steps.signal_at = at;
		rc = move(&(struct moved){ 0 }, &err);
		take_signal();
		stayed += rc != 0;
		if (rc < 0)
			assert_int_equal(rc, -ECANCELED);
		if (rc < 0)
			assert_stayed(NICS);
		else
			assert_moved(NICS);
		begin_anew(state);
	}
	assert_true(stayed > 0 && stayed < count);
}

static bool is_copied(void *argument)
{
	(void)argument;
	return world.libvirt->migrated > 0;
}

/* While it is copied, libvirt's job is aborted. */
static void interrupts_the_copying(void **state)
{
	struct err err = { 0 };

	(void)state;
	world.libvirt->migrate = NULL;
	world.libvirt->migration_fails = PHASE_ENDLESS;
	if (!fork()) {
		clock_poll(is_copied, NULL, deadline_in(30000), 10);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	assert_int_equal(move(&(struct moved){ 0 }, &err), -ECANCELED);
	take_signal();
	assert_true(world.libvirt->aborted);
	assert_says(err.msg, "copy: it was cancelled");
	assert_stayed(NICS);
}

/* --- A process that is killed ------------------------------------------------------------------ */

static bool says(const struct diagnostics *said, const char *words)
{
	for (size_t i = 0; i < said->count; i++) {
		if (strstr(said->lines[i], words))
			return true;
	}
	return false;
}

/* Runs it in a process that is killed at the step; false: it came to its end before. */
static bool run_until(unsigned at)
{
	pid_t child = fork();
	int status;

	if (!child) {
		world_after_fork();
		steps.dies_at = at;
		_exit(move(&(struct moved){ 0 }, NULL) < 0);
	}
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	move_wait();
	return WIFSIGNALED(status);
}

static void upgrade_source(void)
{
	CLEANUP(cleanup_upgrade) struct upgrade all = { 0 };
	const struct upgrade_request request = { .limit_s = 5, .wait_s = 5 };
	struct err err = { 0 };

	assert_int_equal(upgrade_plan(world.tree->host, world.hypervisor, &request, &all, &err), 0);
	upgrade_run(world.tree->host, &world.hypervisor, &all, &world.notes);
}

static void leaves_what_the_next_vfctl_puts_right_after_a_kill(void **state)
{
	unsigned at, moved = 0;

	for (at = 1; run_until(at); at++) {
		const char *live = world.libvirt->domains[0].live;
		CLEANUP(cleanup_diagnostics) struct diagnostics said = { 0 };

		steps.dies_at = 0;
		move_settle(&said);
		assert_true(is_at_target() == (world.libvirt->count == 1));
		if (is_at_target()) {
			moved++;
			move_upgrade_target();
			assert_int_equal(count_reservations(&world), 0);
			assert_int_equal(count_reservations(&target), NICS);
		} else {
			if (count_in(live, "hostdev") < NICS && !says(&said, "vm upgrade web1"))
				fail_msg("step %u: no line says that a VF is missing", at);
			upgrade_source();
			assert_stayed(NICS);
		}
		begin_anew(state);
	}
	assert_true(moved > 0 && moved < at);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, move_end)
		TEST(stays_as_it_was_when_any_step_fails),
		TEST(stays_or_moves_when_it_is_interrupted),
		TEST(interrupts_the_copying),
		TEST(leaves_what_the_next_vfctl_puts_right_after_a_kill),
	};
	int status;

	if (move_is_other_process(argc, argv, &status))
		return status;
	signals_block();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

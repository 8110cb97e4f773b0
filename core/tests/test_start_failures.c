/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/timed_call.h"
#include "host/admin_file.h"
#include "tests/assert.h"
#include "tests/start_world.h"
#include "tests/world_steps.h"

/* What a start does when a step fails, and when its process is killed. */

enum { NICS = 3, NICS_OF_KILLED = 2, KILLED = 42 };

/* --- Steps ------------------------------------------------------------------------------------ */

static void die(void)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/killed", world.tree->root);
	FILE *out = fopen(path, "w");

	if (!out ||
			fwrite(world.kernel->vfs, sizeof(*world.kernel->vfs), WORLD_VFS, out) !=
					WORLD_VFS ||
			fwrite(world.libvirt, sizeof(*world.libvirt), 1, out) != 1 || fclose(out))
		_exit(1);
	_exit(KILLED);
}

static void step_of_attribute(void)
{
	step();
}

static struct fake_answer step_of_configuration(struct fake_domain *domain, const char *xml)
{
	(void)domain;
	(void)xml;
	return step() ? (struct fake_answer){ 1, "internal error: cannot write" }
		      : (struct fake_answer){ 0 };
}

static struct fake_answer step_of_start(struct fake_domain *domain, const char *xml)
{
	struct fake_answer refusal = { 1, "internal error: QEMU does not start" };

	if (step())
		return refusal;
	return world_start(domain, xml);
}

int __real_timed_call_run(
		struct timed_call **call, int limit_ms, const char *what, struct err *err);
int __wrap_timed_call_run(
		struct timed_call **call, int limit_ms, const char *what, struct err *err);

static struct fake_answer never_answer(struct fake_domain *domain, const char *xml);

/* Only a daemon that hangs needs a limit. In a process that was forked there are no other threads. */
int __wrap_timed_call_run(struct timed_call **call, int limit_ms, const char *what, struct err *err)
{
	enum { START_MS = 60000 };

	if (world.libvirt->start != never_answer || limit_ms <= START_MS)
		return (*call)->run(*call);
	return __real_timed_call_run(call, limit_ms, what, err);
}

struct deadline __real_deadline_in(int64_t ms);
struct deadline __wrap_deadline_in(int64_t ms);

struct deadline __wrap_deadline_in(int64_t ms)
{
	enum { MOST_MS = 500 };

	return __real_deadline_in(ms < MOST_MS ? ms : MOST_MS);
}

static int begin(void **state)
{
	int rc = start_begin(state);

	steps_begin();
	steps.die = die;
	world.libvirt->attach = world_plug;
	world.libvirt->detach = world_unplug;
	tree_before_writes(step_of_attribute);
	world.libvirt->configure = step_of_configuration;
	world.libvirt->start = step_of_start;
	return rc;
}

static void begin_anew(void **state)
{
	world_end(state);
	begin(state);
}

/* --- Failures --------------------------------------------------------------------------------- */

static const char *const files[] = { NULL, start_file };

/* Counts the steps of a start that succeeds, and makes each fail in turn: the file of each vNIC
 * and each reservation, the configuration with each NIC, the settings of each VF, the start. */
static void undoes_all_when_any_step_fails(void **state)
{
	for (size_t file = 0; file < 2; file++) {
		const struct started what = { files[file], NICS };
		unsigned count;

		start_well(&what);
		count = steps.done;
		assert_true(count > 4 * NICS);
		for (unsigned at = 1; at <= count; at++) {
			struct err err = { 0 };

			begin_anew(state);
			steps.fails_at = at;
			if (start_go(&what, &err) == 0)
				fail_msg("step %u of %u failed, and the start did not", at, count);
			assert_true(*err.msg);
			assert_not_started();
		}
		begin_anew(state);
	}
}

static unsigned victim; /* the NIC whose VF has something wrong */

static struct fake_answer start_without_vf(struct fake_domain *domain, const char *xml)
{
	struct fake_answer answer = world_start(domain, xml);

	world_close(victim);
	return answer;
}

/* The kernel takes no rate any more. */
static struct fake_answer start_with_wrong_settings(struct fake_domain *domain, const char *xml)
{
	struct fake_answer answer = world_start(domain, xml);

	world.kernel->vfs[victim].max_rate = 1;
	world.kernel->vfs[victim].trust = true;
	steps.fails_at = steps.done + 1;
	return answer;
}

static struct fake_answer start_without_nics(struct fake_domain *domain, const char *xml)
{
	world.libvirt->drops_nic = true;
	return world_start(domain, xml);
}

/* The guest ends as soon as it runs. */
static struct fake_answer start_and_end(struct fake_domain *domain, const char *xml)
{
	(void)xml;
	snprintf(domain->live, sizeof(domain->live), "%s", domain->config);
	return (struct fake_answer){ 0 };
}

/* Whatever its XML says by then. */
static struct fake_answer release_all(struct fake_domain *domain)
{
	(void)domain;
	for (unsigned vf = 0; vf < NICS; vf++)
		world_release(vf);
	return (struct fake_answer){ 0 };
}

static void ends_a_machine_that_is_not_as_it_should_be(void **state)
{
	static const struct {
		struct fake_answer (*start)(struct fake_domain *domain, const char *xml);
		const char *words;
	} cases[] = { { start_without_vf, "no machine has VF" },
		{ start_with_wrong_settings, "VF" }, { start_without_nics, "has no NIC" },
		{ start_and_end, "no machine has VF" } };

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		for (victim = 0; victim < NICS; victim++) {
			struct err err = { 0 };

			world.libvirt->start = cases[i / 2].start;
			world.libvirt->destroy = release_all;
			assert_true(start_go(&(struct started){ files[i % 2], NICS }, &err) < 0);
			assert_says(err.msg, cases[i / 2].words);
			assert_int_equal(world.libvirt->destroyed, 1);
			world.libvirt->drops_nic = false;
			assert_not_started();
			begin_anew(state);
		}
	}
}

static struct fake_answer cannot_end(struct fake_domain *domain)
{
	(void)domain;
	return (struct fake_answer){ 1, "internal error: QEMU does not end" };
}

/* A machine that cannot be ended keeps its VFs, which are given back when it does end. */
static void keeps_reservations_of_a_machine_that_does_not_end(void **state)
{
	struct err err = { 0 };

	(void)state;
	victim = 0;
	world.libvirt->start = start_with_wrong_settings;
	world.libvirt->destroy = cannot_end;
	assert_true(start_go(&(struct started){ NULL, 1 }, &err) < 0);
	assert_true(world.libvirt->domains[0].running);
	assert_int_equal(start_count_reservations(RESERVATION_PLUGGING), 1);
	world.libvirt->destroy = world_destroy;
	start_age_reservations();
	start_end();
	assert_untouched(0);
}

/* --- A daemon that does not answer ------------------------------------------------------------ */

static struct fake_answer never_answer(struct fake_domain *domain, const char *xml)
{
	(void)domain;
	(void)xml;
	for (;;)
		pause();
	return (struct fake_answer){ 0 };
}

static void leaves_vfs_reserved_when_the_daemon_does_not_answer(void **state)
{
	struct fake_domain *domain = &world.libvirt->domains[0];
	struct err err = { 0 };

	(void)state;
	world.libvirt->start = never_answer;
	assert_int_equal(start_go(&(struct started){ NULL, NICS }, &err), -ETIMEDOUT);
	assert_int_equal(start_count_reservations(RESERVATION_PLUGGING), NICS);
	assert_int_equal(count_vnics(), NICS);
	world_settle();
	assert_int_equal(start_count_reservations(RESERVATION_PLUGGING), NICS);
	/* The daemon comes to it after all. */
	world_start(domain, domain->config);
	snprintf(domain->live, sizeof(domain->live), "%s", domain->config);
	domain->running = true;
	start_age_reservations();
	world_settle();
	assert_int_equal(start_count_reservations(RESERVATION_PLUGGED), NICS);
	for (unsigned vf = 0; vf < NICS; vf++)
		assert_int_equal(world.kernel->vfs[vf].max_rate, 200);
	world_destroy(domain);
	world_settle();
	for (unsigned vf = 0; vf < WORLD_VFS; vf++)
		assert_untouched(vf);
}

/* --- A process that is killed ----------------------------------------------------------------- */

/* Runs it in a process that ends at the step; false: it came to its end before. */
static bool run_until(const struct started *what, unsigned at)
{
	CLEANUP(cleanup_free) char *path = text_format("%s/killed", world.tree->root);
	CLEANUP(cleanup_file) FILE *in = NULL;
	pid_t child = fork();
	int status;

	if (!child) {
		steps.dies_at = at;
		start_go(what, NULL);
		_exit(0);
	}
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != KILLED)
		return false;
	in = fopen(path, "r");
	assert_non_null(in);
	assert_int_equal(fread(world.kernel->vfs, sizeof(*world.kernel->vfs), WORLD_VFS, in),
			WORLD_VFS);
	assert_int_equal(fread(world.libvirt, sizeof(*world.libvirt), 1, in), 1);
	return true;
}

static void assert_all_comes_back(unsigned at)
{
	size_t reserved = start_count_reservations(RESERVATION_PLUGGING);

	/* Libvirt may still be at it. */
	world_settle();
	if (start_count_reservations(RESERVATION_PLUGGING) != reserved)
		fail_msg("step %u: a VF was given back too early", at);
	start_age_reservations();
	world_settle();
	assert_int_equal(start_count_reservations(RESERVATION_PLUGGING), 0);
	start_end();
	for (unsigned vf = 0; vf < WORLD_VFS; vf++)
		assert_untouched(vf);
}

static void brings_all_back_after_a_kill(const struct started *what, void **state,
		struct fake_answer (*start)(struct fake_domain *domain, const char *xml))
{
	unsigned at = 1;

	for (world.libvirt->start = start; run_until(what, at); at++) {
		assert_all_comes_back(at);
		/* Nothing that is left is in the way of the next one. */
		world.libvirt->start = step_of_start;
		start_well(&(struct started){ what->xml, 1 });
		begin_anew(state);
		world.libvirt->start = start;
	}
	assert_true(at > 4 * NICS_OF_KILLED);
}

static void brings_all_back_after_a_kill_at_any_step(void **state)
{
	for (size_t file = 0; file < 2; file++) {
		brings_all_back_after_a_kill(&(struct started){ files[file], NICS_OF_KILLED },
				state, step_of_start);
		begin_anew(state);
	}
}

static struct fake_answer refuse_to_start(struct fake_domain *domain, const char *xml)
{
	(void)domain;
	(void)xml;
	step();
	return (struct fake_answer){ 1, "internal error: QEMU does not start" };
}

static void brings_all_back_after_a_kill_while_it_undoes(void **state)
{
	brings_all_back_after_a_kill(
			&(struct started){ NULL, NICS_OF_KILLED }, state, refuse_to_start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)
		TEST(undoes_all_when_any_step_fails),
		TEST(ends_a_machine_that_is_not_as_it_should_be),
		TEST(keeps_reservations_of_a_machine_that_does_not_end),
		TEST(leaves_vfs_reserved_when_the_daemon_does_not_answer),
		TEST(brings_all_back_after_a_kill_at_any_step),
		TEST(brings_all_back_after_a_kill_while_it_undoes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/assert.h"
#include "tests/edit_world.h"
#include "tests/world_steps.h"

/* What an edit leaves when any of its steps fails, and when its process is killed there. */

#define OTHER_MAC "02:00:00:00:00:78"

static const struct change {
	const char *from;
	struct edit_request request;
	const char *to;
} changes[] = {
	{ "fast", { .profile = "swift" }, "swift" },
	{ "slow", { .profile = "calm" }, "calm" },
	{ "fast", { .profile = "other" }, "other" },
	{ "fast", { .profile = "swift", .vf = "eth0/2" }, "swift" },
	{ "fast", { .profile = "calm", .mac = OTHER_MAC }, "calm" },
	{ "slow", { .profile = "pair" }, "pair" },
	{ "pair", { .profile = "quick-pair", .mac = OTHER_MAC }, "quick-pair" },
};

enum { CHANGES = sizeof(changes) / sizeof(*changes) };

static int begin(void **state)
{
	world_share();
	return edit_begin(state);
}

static void attach(const struct change *change)
{
	edit_attach(change->from, DOMAIN_LIVE | DOMAIN_CONFIG);
	steps_begin();
}

static void begin_anew(void **state, const struct change *change)
{
	world_end(state);
	begin(state);
	attach(change);
}

static const char *profile_now(void)
{
	static char profile[NAME_ROOM];
	CLEANUP(cleanup_edit) struct edit edit = { 0 };
	struct err err = { 0 };

	if (edit_planned((struct edit_request){ 0 }, &edit, &err) < 0)
		fail_msg("%s", err.msg);
	snprintf(profile, sizeof(profile), "%.60s", edit.before.profile);
	return profile;
}

static void assert_mac(const char *mac)
{
	const struct fake_domain *domain = &world.libvirt->domains[0];

	assert_true(times(domain->live, mac) > 0);
	assert_int_equal(times(domain->live, mac), times(domain->config, mac));
	assert_int_equal(times(domain->live, strcmp(mac, EDIT_MAC) ? EDIT_MAC : OTHER_MAC), 0);
}

/* As before, or as asked for; and both sides of the machine. */
static bool has_changed(const struct change *change)
{
	bool changed = !strcmp(profile_now(), change->to);

	assert_is(changed ? change->to : change->from);
	assert_mac(changed && change->request.mac ? change->request.mac : EDIT_MAC);
	assert_leaves_nothing();
	return changed;
}

static void ends_as_it_was_when_any_step_fails(void **state)
{
	for (size_t i = 0; i < CHANGES; i++) {
		const struct change *change = &changes[i];
		unsigned count;

		attach(change);
		edit_well(change->request);
		count = steps.done;
		assert_true(has_changed(change));
		for (unsigned at = 1; at <= count; at++) {
			struct err err = { 0 };
			int rc;

			begin_anew(state, change);
			steps.fails_at = at;
			rc = edit_go(change->request, &err);
			steps.fails_at = 0;
			if (has_changed(change) != !rc)
				fail_msg("change %zu, step %u: %s", i, at, err.msg);
		}
		world_end(state);
		begin(state);
	}
}

/* Runs it in a process that is killed at the step; false: it came to its end before. */
static bool run_until(const struct change *change, unsigned at)
{
	pid_t child = fork();
	int status;

	if (!child) {
		world_after_fork();
		steps.dies_at = at;
		_exit(edit_go(change->request, NULL) < 0);
	}
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	return WIFSIGNALED(status);
}

static void complete(unsigned by)
{
	const struct edit_request all = { .limit_s = 5, .wait_s = 5 };
	CLEANUP(cleanup_diagnostics) struct diagnostics said = { 0 };

	edit_marks_settle(world.tree->host, world.hypervisor, &said);
	if (!said.count)
		return;
	assert_says(said.lines[0], "vfctl vm edit web1 nic1");
	if (by)
		edits_complete(world.tree->host, &world.hypervisor, &all, &world.notes);
	else
		edit_well((struct edit_request){ 0 });
}

static void leaves_what_the_next_vfctl_completes_after_a_kill(void **state)
{
	for (size_t i = 0; i < CHANGES; i++) {
		const struct change *change = &changes[i];
		unsigned at, changed = 0;

		attach(change);
		for (at = 1; run_until(change, at); at++) {
			world_age_reservations();
			world_settle();
			complete(at % 2);
			changed += has_changed(change);
			begin_anew(state, change);
		}
		assert_true(changed > 0 && at > 4);
		world_end(state);
		begin(state);
	}
}

/* A mark counts only for the run in which it was made. */
static void forgets_a_mark_with_the_run_of_the_machine(void **state)
{
	struct fake_domain *domain = &world.libvirt->domains[0];
	CLEANUP(cleanup_diagnostics) struct diagnostics said = { 0 };
	unsigned at = 1;

	(void)state;
	edit_attach("slow", DOMAIN_LIVE);
	steps_begin();
	while (run_until(&(struct change){ "slow", { .mac = OTHER_MAC }, "slow" }, at) &&
			strstr(domain->live, "<interface"))
		at++;
	assert_null(strstr(domain->live, "<interface"));
	domain->running = false;
	edit_marks_settle(world.tree->host, world.hypervisor, &said);
	assert_int_equal(said.count, 0);
	assert_false(host_exists(world.tree->host, "run/vfctl/edits/" WORLD_UUID ".nic1.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)
		TEST(ends_as_it_was_when_any_step_fails),
		TEST(leaves_what_the_next_vfctl_completes_after_a_kill),
		TEST(forgets_a_mark_with_the_run_of_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

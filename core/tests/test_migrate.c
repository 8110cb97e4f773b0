/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/cli.h"
#include "tests/assert.h"
#include "tests/move_world.h"

/* Migrations that come to their end, and what is left where they fail. */

/* Neither host has anything to say of it. */
static void assert_silent(void)
{
	char said[400] = "";

	move_wait();
	host_read(target.tree->host, "said", said, sizeof(said), NULL);
	assert_string_equal(said, "");
	assert_int_equal(world.notes.count, 0);
}

static void move_well(void)
{
	struct err err = { 0 };

	if (move(&(struct moved){ 0 }, &err) < 0)
		fail_msg("%s", err.msg);
	assert_silent();
}

/* --- Success ----------------------------------------------------------------------------------- */

static void moves_one_nic(void **state)
{
	CLEANUP(cleanup_migrate) struct migrate migrate = { .peer = PEER_NONE };
	struct err err = { 0 };

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	if (move_go(&(struct moved){ .data_uri = "tcp://[2001:db8::2]:49200" }, &migrate, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(migrate.arrived);
	assert_int_equal(migrate.downtime_ms, 37);
	assert_string_equal(migrate.nics.list[0].vf, "VF 0 of 0000:01:00.0 (eth0)");
	assert_string_equal(migrate.nics.list[0].bridge, "br7");
	assert_string_equal(world.libvirt->migration_uri, "tcp://[2001:db8::2]:49200");
	assert_moved(1);
	assert_int_equal(count_in(target.libvirt->domains[0].config, "<interface"), 0);
}

static void moves_three_nics_with_their_configuration(void **state)
{
	const struct fake_domain *there = &target.libvirt->domains[0];

	(void)state;
	move_attach(3, DOMAIN_LIVE | DOMAIN_CONFIG);
	move_well();
	assert_moved(3);
	assert_true(there->persistent);
	assert_int_equal(count_in(there->config, "<interface type='hostdev'"), 3);
	assert_int_equal(count_in(there->config, "bridge='br7'"), 3);
	assert_int_equal(count_in(there->config, "bridge='br0'"), 0);
}

/* There, and on the way back. */
static void keeps_the_boot_order_of_a_vf(void **state)
{
	struct fake_domain *here = &world.libvirt->domains[0];
	char *end;

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	end = strstr(strstr(here->live, "<interface type='hostdev'"), "</interface>");
	memmove(end + strlen("<boot order='2'/>"), end, strlen(end) + 1);
	memcpy(end, "<boot order='2'/>", strlen("<boot order='2'/>"));
	world.libvirt->migration_fails = PHASE_PERFORM;
	assert_true(move(&(struct moved){ 0 }, NULL) < 0);
	assert_stayed(1);
	assert_int_equal(count_in(here->live, "<boot order='2'/>"), 1);
	world.libvirt->migration_fails = PHASE_NONE;
	assert_int_equal(move(&(struct moved){ 0 }, NULL), 0);
	assert_moved(1);
	assert_int_equal(count_in(target.libvirt->domains[0].live, "<boot order='2'/>"), 1);
}

static void moves_a_transient_machine(void **state)
{
	(void)state;
	world.libvirt->domains[0].persistent = false;
	move_attach(2, DOMAIN_LIVE);
	move_well();
	assert_moved(2);
	assert_false(target.libvirt->domains[0].persistent);
}

static void moves_nics_without_vfs_too(void **state)
{
	(void)state;
	world_attach_well((struct attach_request){ .profile = "slow" });
	move_well();
	move_wait();
	assert_int_equal(count_in(target.libvirt->domains[0].live, "bridge='br7'"), 1);
	assert_int_equal(count_in(target.libvirt->domains[0].live, "hostdev"), 0);
	assert_int_equal(count_reservations(&target), 0);
}

static void moves_a_machine_without_nics(void **state)
{
	(void)state;
	move_well();
	assert_moved(0);
}

/* The target's profile permits to go on with the standby. */
static void goes_without_a_vf_where_the_profile_falls_back(void **state)
{
	struct err err = { 0 };

	(void)state;
	move_files("etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=200\nMigratable=yes\n"
			"Failover=slow\nFallback=yes\n");
	move_attach(1, DOMAIN_LIVE);
	tree_file(target.tree, "etc/vfctl/allow/a.allow",
			"[Match]\nPath=0000:01:00.0\n[Allow]\nAll=no\n");
	if (move(&(struct moved){ 0 }, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(world.notes.count, 1);
	assert_says(world.notes.lines[0],
			"host-b: no VF can be given to NIC nic1: it goes on with");
	move_wait();
	assert_int_equal(count_in(target.libvirt->domains[0].live, "bridge='br7'"), 1);
	tree_remove(target.tree, "etc/vfctl/allow/a.allow");
	move_upgrade_target();
	assert_moved(1);
}

static void plans_without_a_change(void **state)
{
	CLEANUP(cleanup_migrate) struct migrate migrate = { .peer = PEER_NONE };
	CLEANUP(cleanup_diagnostics) struct diagnostics steps = { 0 };
	struct err err = { 0 };

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	if (move_go(&(struct moved){ .plan_only = true }, &migrate, &err) < 0)
		fail_msg("%s", err.msg);
	migrate_steps(&migrate, &steps);
	assert_says(steps.lines[0], "reserve VF 0 of 0000:01:00.0 (eth0) on host-b for nic1");
	assert_says(steps.lines[1], "way back");
	assert_says(steps.lines[steps.count - 1], "as ua-nic1");
	cleanup_migrate(&migrate);
	migrate = (struct migrate){ .peer = PEER_NONE };
	assert_stayed(1);
}

/* --- The verbs --------------------------------------------------------------------------------- */

/* Runs vfctl in a process of its own; returns the exit status. */
enum { CHILD_S = 60 };

static int run_vfctl(const char *const *words, struct record **printed)
{
	static const struct flag flags[] = { { "root", 0, "DIR", "" },
		{ "write-tree", 0, NULL, "" }, { "json", 0, NULL, "" }, { 0 } };
	static const struct verb *const groups[] = { verbs_migrate, verbs_upgrade, NULL };
	static const struct program program = {
		.name = "vfctl", .summary = "", .details = "", .groups = groups, .flags = flags
	};
	CLEANUP(cleanup_free) char *out = text_format("%s/out", world.tree->root);
	char *argv[24] = { "vfctl" };
	int count = 1, status = 0;
	pid_t child = fork();

	if (!child) {
		alarm(CHILD_S);
		for (; words[count - 1]; count++)
			argv[count] = (char *)words[count - 1];
		argv[count++] = "--json";
		argv[count++] = "--write-tree";
		argv[count++] = "--root";
		argv[count++] = world.tree->root;
		world_after_fork();
		if (!freopen(out, "w", stdout))
			abort();
		_exit(program_main(&program, count, argv));
	}
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status));
	assert_int_equal(record_load(AT_FDCWD, out, printed, NULL), 0);
	return WEXITSTATUS(status);
}

static void prints_what_was_done(void **state)
{
	CLEANUP(cleanup_free) char *ssh = text_format("%s/ssh", target.tree->root);
	const char *const words[] = { "migrate", "web1", "host-b", "--ssh", ssh, "--uri",
		"target:///system", NULL };
	CLEANUP(cleanup_record) struct record *printed = NULL;
	const struct record *migration, *nic;

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	assert_int_equal(run_vfctl(words, &printed), EXIT_GOOD);
	assert_moved(1);
	assert_string_equal(record_str(printed, "schema", ""), "vfctl-migrate/1");
	migration = record_get(printed, "migration");
	nic = record_at(record_get(migration, "nics"), 0);
	assert_string_equal(record_str(migration, "vm", ""), "web1");
	assert_string_equal(record_str(migration, "target", ""), "host-b");
	assert_string_equal(record_str(nic, "vf", ""), "VF 0 of 0000:01:00.0 (eth0)");
	assert_string_equal(record_str(nic, "bridge", ""), "br7");
	assert_int_equal(record_int(migration, "downtime_ms", 0), 37);
	assert_int_equal(record_length(record_get(migration, "phases")), MIGRATE_PHASES);
}

static void prints_what_lacks_its_vf(void **state)
{
	CLEANUP(cleanup_free) char *ssh = text_format("%s/ssh", target.tree->root);
	const char *const words[] = { "migrate", "web1", "host-b", "--ssh", ssh, "--uri",
		"target:///system", NULL };
	CLEANUP(cleanup_record) struct record *printed = NULL;

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	tree_file(target.tree, "refuses-plug", "");
	assert_int_equal(run_vfctl(words, &printed), EXIT_UNUSABLE);
	assert_says(record_str(record_get(printed, "migration"), "message", ""),
			"vfctl vm upgrade web1");
}

static void await_removal(void)
{
	struct hypervisor_event event = { 0 };

	while (event.kind != EVENT_DEVICE_REMOVED)
		assert_int_equal(
				hypervisor_next_event(world.hypervisor, deadline_in(10000), &event),
				0);
}

static void prints_what_was_upgraded(void **state)
{
	const char *const words[] = { "vm", "upgrade", NULL };
	CLEANUP(cleanup_record) struct record *printed = NULL;
	const struct record *nic;

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	assert_int_equal(hypervisor_detach(world.hypervisor, WORLD_UUID, "ua-nic1", DOMAIN_LIVE,
					 NULL),
			0);
	/* A thread removes it; a process that is forked meanwhile finds its locks taken for ever. */
	await_removal();
	assert_int_equal(run_vfctl(words, &printed), EXIT_GOOD);
	assert_string_equal(record_str(printed, "schema", ""), "vfctl-vm-upgrade/1");
	nic = record_at(record_get(printed, "nics"), 0);
	assert_true(record_bool(nic, "upgraded", false));
	assert_string_equal(record_str(nic, "vf", ""), "0000:01:10.0");
	assert_stayed(1);
}

/* --- Failures ---------------------------------------------------------------------------------- */

static void puts_all_back_if_the_copying_fails(void **state)
{
	static const struct {
		enum fake_phase fails;
		const char *words;
	} cases[] = { { PHASE_BEGIN, "copy: " }, { PHASE_PREPARE, "copy: " },
		{ PHASE_PERFORM, "unexpectedly failed" }, { PHASE_ENDLESS, "within 1 s" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };

		move_attach(2, DOMAIN_LIVE | DOMAIN_CONFIG);
		world.libvirt->migration_fails = cases[i].fails;
		assert_true(move(&(struct moved){ .limit_s = 1 }, &err) < 0);
		assert_says(err.msg, cases[i].words);
		assert_stayed(2);
		assert_int_equal(count_in(world.libvirt->domains[0].config, "hostdev"), 2);
		move_end(state);
		move_begin(state);
	}
}

static struct fake_answer refuse_by_guest(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	if (world.libvirt->detached > 1) {
		*removed = false;
		world.libvirt->refused(domain, alias);
		return (struct fake_answer){ 0 };
	}
	return world_unplug(domain, alias, removed);
}

static void puts_all_back_if_a_guest_keeps_a_vf(void **state)
{
	struct err err = { 0 };

	(void)state;
	move_attach(3, DOMAIN_LIVE);
	world.libvirt->detach = refuse_by_guest;
	assert_int_equal(move(&(struct moved){ 0 }, &err), -EPERM);
	assert_says(err.msg, "unplug: ");
	assert_stayed(3);
}

static void says_that_nothing_is_known_where_nothing_is(void **state)
{
	struct err err = { 0 };

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	world.libvirt->migration_fails = PHASE_UNSURE;
	assert_true(move(&(struct moved){ 0 }, &err) < 0);
	assert_says(err.msg, "look at both hosts");
	move_wait();
	assert_int_equal(count_reservations(&world), 1);
}

static void arrives_although_the_source_is_lost(void **state)
{
	(void)state;
	move_attach(1, DOMAIN_LIVE);
	world.libvirt->migration_fails = PHASE_CONFIRM;
	move_well();
	assert_moved(1);
}

static void says_what_lacks_its_vf_at_the_target(void **state)
{
	static const char *const failures[] = { "refuses-plug", "dies-at-plug" };
	static const char *const words[] = { "no room at the target", "the session ended" };

	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(cleanup_migrate) struct migrate migrate = { .peer = PEER_NONE };
		CLEANUP(cleanup_diagnostics) struct diagnostics said = { 0 };
		struct err err = { 0 };

		move_attach(1, DOMAIN_LIVE);
		tree_file(target.tree, failures[i], "");
		assert_int_equal(move_go(&(struct moved){ 0 }, &migrate, &err), -EREMOTEIO);
		assert_true(migrate.arrived);
		assert_says(err.msg, words[i]);
		assert_says(err.msg, "(on host-b: vfctl vm upgrade web1)");
		move_wait();
		tree_remove(target.tree, failures[i]);
		move_settle(&said);
		if (i)
			assert_says(said.lines[0], "vfctl vm upgrade web1");
		move_upgrade_target();
		assert_moved(1);
		move_end(state);
		move_begin(state);
	}
}

static bool is_copied(void *argument)
{
	(void)argument;
	return world.libvirt->migrated > 0;
}

/* It has written the reservation of its VF. */
static void kill_target(void)
{
	CLEANUP(cleanup_free) struct reservation *list = NULL;
	struct diagnostics notes = { 0 };
	size_t count = 0;

	clock_poll(is_copied, NULL, deadline_in(30000), 10);
	if (reservations_read(target.tree->host, &list, &count, &notes, NULL) < 0 || !count)
		_exit(1);
	kill(list[0].process.pid, SIGKILL);
	_exit(0);
}

static void stays_if_the_targets_vfctl_is_killed_before_it_is_copied(void **state)
{
	CLEANUP(cleanup_diagnostics) struct diagnostics said = { 0 };
	struct err err = { 0 };

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	world.libvirt->migration_fails = PHASE_ENDLESS;
	if (!fork())
		kill_target();
	assert_int_equal(move(&(struct moved){ .limit_s = 60 }, &err), -ECONNRESET);
	assert_says(err.msg, "copy: host-b: ");
	assert_true(world.libvirt->aborted);
	move_wait();
	assert_int_equal(count_reservations(&world), 1);
	assert_int_equal(count_in(world.libvirt->domains[0].live, "hostdev"), 1);
	move_settle(&said);
	assert_stayed(1);
}

/* --- Hostile answers --------------------------------------------------------------------------- */

static void believes_no_answer_that_makes_no_sense(void **state)
{
	static const struct {
		const char *answers, *words;
	} cases[] = {
		{ "echo nonsense; cat >/dev/null", "its answer" },
		{ "echo '[]'; cat >/dev/null", "none to this request" },
		{ "echo '{\"version\":2,\"id\":1,\"ok\":true}'; cat >/dev/null",
				"another version" },
		{ "echo '{\"version\":1,\"id\":7,\"ok\":true}'; cat >/dev/null", "none to this" },
		{ "echo '{\"version\":1,\"id\":1}'; cat >/dev/null", "none to this request" },
		{ "head -c 100000 /dev/zero | tr '\\0' a; cat >/dev/null", "65536 bytes" },
		{ "head -c 9000 /dev/zero | tr '\\0' '['; echo; cat >/dev/null", "its answer" },
		{ "exit 255", "ended" },
		{ "echo '{\"version\":1,\"id\":1,\"ok\":true}'; echo "
		  "'{\"version\":1,\"id\":2,\"ok\":true}'; cat >/dev/null",
				"for other NICs" },
		{ "echo '{\"version\":1,\"id\":1,\"ok\":true}'; echo "
		  "'{\"version\":1,\"id\":2,\"ok\":true,\"nics\":[{\"nic\":\"nic1\",\"bridge\":"
		  "\"br7<x/>\"}]}'; cat >/dev/null",
				"answer for NIC nic1" },
		{ "echo '{\"version\":1,\"id\":1,\"ok\":false,\"message\":\"no\",\"refusal\":\"x\"}'; "
		  "cat >/dev/null",
				"host-b: no" },
	};

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { 0 };

		move_answer_with(cases[i].answers);
		assert_true(move(&(struct moved){ 0 }, &err) < 0);
		assert_says(err.msg, cases[i].words);
		assert_stayed(1);
	}
}

static void takes_no_word_of_ssh_for_a_host(void **state)
{
	static const char *const hosts[] = { "-oProxyCommand=x", "", "a b", "a;b", "a/b" };

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct err err = { 0 };

		assert_int_equal(move(&(struct moved){ .host = hosts[i] }, &err), -EINVAL);
		assert_says(err.msg, "no name of a host");
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, move_begin, move_end)
		TEST(moves_one_nic),
		TEST(moves_three_nics_with_their_configuration),
		TEST(keeps_the_boot_order_of_a_vf),
		TEST(moves_a_transient_machine),
		TEST(moves_nics_without_vfs_too),
		TEST(moves_a_machine_without_nics),
		TEST(goes_without_a_vf_where_the_profile_falls_back),
		TEST(plans_without_a_change),
		TEST(prints_what_was_done),
		TEST(prints_what_lacks_its_vf),
		TEST(prints_what_was_upgraded),
		TEST(puts_all_back_if_the_copying_fails),
		TEST(puts_all_back_if_a_guest_keeps_a_vf),
		TEST(says_that_nothing_is_known_where_nothing_is),
		TEST(arrives_although_the_source_is_lost),
		TEST(says_what_lacks_its_vf_at_the_target),
		TEST(stays_if_the_targets_vfctl_is_killed_before_it_is_copied),
		TEST(believes_no_answer_that_makes_no_sense),
		TEST(takes_no_word_of_ssh_for_a_host),
	};
	int status;

	if (move_is_other_process(argc, argv, &status))
		return status;
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

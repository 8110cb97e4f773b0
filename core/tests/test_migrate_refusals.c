/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sriov/refusal.h"
#include "tests/assert.h"
#include "tests/move_world.h"

/* What cannot move: each rule is broken once, and nothing changes on either host. */

static bool seen[REFUSAL_COUNT];

static void refuses(unsigned count, const char *name, const char *words)
{
	struct err err = { 0 };
	int refusal;

	assert_true(move(&(struct moved){ 0 }, &err) < 0);
	if (!err.refusal || strcmp(err.refusal, name) != 0)
		fail_msg("not refused as %s: %s", name, err.msg);
	assert_says(err.msg, words);
	refusal = refusal_find(err.refusal);
	assert_true(refusal >= 0);
	seen[refusal] = true;
	assert_int_equal(world.libvirt->detached, 0);
	assert_int_equal(world.libvirt->migrated, 0);
	assert_stayed(count);
}

static void add_device(const char *xml)
{
	char *live = world.libvirt->domains[0].live, *end = strstr(live, "</devices>");
	char rest[64];

	snprintf(rest, sizeof(rest), "%s", end);
	sprintf(end, "%s%s", xml, rest);
}

static void refuses_a_machine_that_does_not_run(void **state)
{
	struct fake_domain *domain = &world.libvirt->domains[0];
	struct err err = { 0 };

	(void)state;
	domain->paused = true;
	assert_true(move(&(struct moved){ 0 }, &err) < 0);
	assert_string_equal(err.refusal, "vm-not-running");
	assert_says(err.msg, "is paused");
	domain->paused = domain->running = false;
	err = (struct err){ 0 };
	assert_true(move(&(struct moved){ 0 }, &err) < 0);
	assert_string_equal(err.refusal, "vm-not-running");
	domain->running = true;
	assert_stayed(0);
}

static void refuses_a_vf_without_a_standby(void **state)
{
	struct err err = { 0 };

	(void)state;
	move_files("etc/vfctl/profiles/lone.profile", "[Profile]\nNetwork=red\nPassthrough=yes\n");
	world_attach_well((struct attach_request){ .profile = "lone" });
	assert_true(move(&(struct moved){ 0 }, &err) < 0);
	assert_string_equal(err.refusal, "vf-without-standby");
	assert_says(err.msg, "Failover=");
	seen[REFUSAL_VF_WITHOUT_STANDBY] = true;
	assert_int_equal(count_reservations(&world), 1);
	assert_int_equal(world.libvirt->detached, 0);
}

#define ADDRESS "<address type='pci' domain='0x0000' bus='0x01' slot='0x10' function='0x6'/>"

static void refuses_other_devices_of_the_host(void **state)
{
	static const struct {
		const char *xml, *refusal;
	} devices[] = {
		{ "<hostdev mode='subsystem' type='pci'><source>" ADDRESS "</source></hostdev>",
				"device-passed-through" },
		{ "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address "
		  "uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>",
				"device-passed-through" },
		{ "<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>",
				"device-passed-through" },
		{ "<interface type='hostdev'><source>" ADDRESS "</source></interface>",
				"vf-without-standby" },
	};
	char before[FAKE_XML];

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	strcpy(before, world.libvirt->domains[0].live);
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		struct err err = { 0 };

		add_device(devices[i].xml);
		assert_true(move(&(struct moved){ 0 }, &err) < 0);
		if (!err.refusal || strcmp(err.refusal, devices[i].refusal) != 0)
			fail_msg("%zu: %s", i, err.msg);
		seen[refusal_find(err.refusal)] = true;
		strcpy(world.libvirt->domains[0].live, before);
		assert_stayed(1);
	}
}

static void refuses_a_guest_with_an_iommu(void **state)
{
	(void)state;
	move_attach(1, DOMAIN_LIVE);
	add_device("<iommu model='intel'/>");
	refuses(1, "guest-has-iommu", "intel");
}

static void refuses_this_host(void **state)
{
	(void)state;
	move_attach(1, DOMAIN_LIVE);
	tree_file(target.tree, "proc/sys/kernel/random/boot_id", "boot-1\n");
	refuses(1, "same-host", "host-b is this host");
}

static void refuses_a_machine_that_the_target_has(void **state)
{
	static const struct {
		const char *name, *uuid, *words;
	} others[] = { { "web1", WORLD_UUID2, "the same name" },
		{ "other", WORLD_UUID, "the same UUID" } };
	struct fake_domain *domain = &target.libvirt->domains[0];

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	for (unsigned i = 0; i < 2; i++) {
		struct err err = { 0 };

		*domain = (struct fake_domain){ .persistent = true };
		strcpy(domain->name, others[i].name);
		strcpy(domain->uuid, others[i].uuid);
		strcpy(domain->config, "<domain><name>x</name></domain>");
		target.libvirt->count = 1;
		assert_true(move(&(struct moved){ 0 }, &err) < 0);
		assert_string_equal(err.refusal, "vm-exists");
		assert_says(err.msg, others[i].words);
		move_wait();
		target.libvirt->count = 0;
		assert_stayed(1);
	}
	seen[REFUSAL_VM_EXISTS] = true;
}

static void refuses_what_the_target_has_otherwise(void **state)
{
	static const struct {
		const char *path, *text; /* on the target; NULL: the file is gone */
		const char *refusal, *words;
	} files[] = {
		{ "etc/vfctl/networks/red.network", "[Network]\nVLANId=11\nBridge=br7\n",
				"network-differs", "VLAN 11" },
		{ "etc/vfctl/networks/red.network",
				"[Network]\nVLANId=10\nMTUBytes=1400\nBridge=br7\n",
				"network-differs", "MTU 1400" },
		{ "etc/vfctl/networks/red.network", "[Network]\nVLANId=10\nBridge=br9\n",
				"network-has-no-bridge", "br9" },
		{ "etc/vfctl/networks/red.network", "[Network]\nVLANId=10\n",
				"network-has-no-bridge", "Bridge=" },
		{ "etc/vfctl/profiles/fast.profile", NULL, "profile-missing", "fast" },
		{ "etc/vfctl/profiles/fast.profile",
				"[Profile]\nNetwork=blue\nPassthrough=yes\nMigratable=yes\nFailover=slow\n",
				"network-differs", "blue" },
		{ "etc/vfctl/allow/a.allow", "[Match]\nPath=0000:01:00.0\n[Allow]\nAll=no\n",
				"no-suitable-vf", "may not carry red" },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		move_attach(1, DOMAIN_LIVE);
		tree_file(target.tree, "etc/vfctl/networks/blue.network",
				"[Network]\nBridge=br7\n");
		if (files[i].text)
			tree_file(target.tree, files[i].path, files[i].text);
		else
			tree_remove(target.tree, files[i].path);
		refuses(1, files[i].refusal, files[i].words);
		move_end(state);
		move_begin(state);
	}
}

static void refuses_a_network_that_the_target_has_not(void **state)
{
	(void)state;
	move_attach(1, DOMAIN_LIVE);
	tree_file(target.tree, "etc/vfctl/networks/blue.network", "[Network]\nBridge=br7\n");
	tree_file(target.tree, "etc/vfctl/profiles/slow.profile", "[Profile]\nNetwork=blue\n");
	tree_file(target.tree, "etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=blue\nPassthrough=yes\nMigratable=yes\nFailover=slow\n");
	tree_remove(target.tree, "etc/vfctl/networks/red.network");
	refuses(1, "network-differs", "for red");
}

static void refuses_more_nics_than_there_are_vfs(void **state)
{
	(void)state;
	move_attach(2, DOMAIN_LIVE);
	for (unsigned vf = 1; vf < WORLD_VFS; vf++) {
		char path[100];

		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/iommu_group", world_vf(vf));
		tree_remove(target.tree, path);
	}
	refuses(2, "no-suitable-vf", "no VF is left");
}

/* Not that the session has ended, but why. */
static void says_why_the_other_host_does_not_answer(void **state)
{
	static const char *const commands[][2] = {
		{ "printf 'ssh: Could not resolve hostname host-b: Name or service not known\\r\\n' >&2\n"
		  "exit 255",
				"host-b: ssh: Could not resolve hostname host-b: Name or service not known" },
		{ "echo 'note: it is slow' >&2\n"
		  "echo 'vfctl vm receive: no daemon of libvirt runs here: install it' >&2\nexit 3",
				"host-b: no daemon of libvirt runs here: install it" },
		{ "exit 3", "is vfctl installed there" },
	};

	(void)state;
	move_attach(1, DOMAIN_LIVE);
	for (size_t i = 0; i < 3; i++) {
		struct err err = { 0 };

		move_answer_with(commands[i][0]);
		assert_int_equal(move(&(struct moved){ 0 }, &err), -ECONNRESET);
		if (i < 2)
			assert_string_equal(err.msg, commands[i][1]);
		else
			assert_says(err.msg, commands[i][1]);
		assert_stayed(1);
	}
	assert_string_equal(world.notes.lines[0], "host-b: it is slow");
}

static void each_rule_about_migration_was_broken_once(void **state)
{
	(void)state;
	for (int i = REFUSAL_VM_EXISTS; i < REFUSAL_COUNT; i++) {
		if (!seen[i])
			fail_msg("no test breaks the rule %s", refusal_name((enum refusal)i));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, move_begin, move_end)
		TEST(refuses_a_machine_that_does_not_run),
		TEST(refuses_a_vf_without_a_standby),
		TEST(refuses_other_devices_of_the_host),
		TEST(refuses_a_guest_with_an_iommu),
		TEST(refuses_this_host),
		TEST(refuses_a_machine_that_the_target_has),
		TEST(refuses_what_the_target_has_otherwise),
		TEST(refuses_a_network_that_the_target_has_not),
		TEST(refuses_more_nics_than_there_are_vfs),
		TEST(says_why_the_other_host_does_not_answer),
		cmocka_unit_test(each_rule_about_migration_was_broken_once),
	};
	int status;

	if (move_is_other_process(argc, argv, &status))
		return status;
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/vm_world.h"
#include "vm/upgrade.h"

/* NICs that run without a VF, and get one. */

#define MAC "02:00:00:00:00:77"

static void write_profiles(const char *more)
{
	CLEANUP(cleanup_free)
	char *fast = text_format("[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=200\n%s", more);

	world_file("etc/vfctl/networks/red.network", "[Network]\nVM=yes\nVLANId=10\nBridge=br0\n");
	world_file("sys/class/net/br0/bridge/bridge_id", "");
	world_file("etc/vfctl/profiles/slow.profile", "[Profile]\nNetwork=red\n");
	world_file("etc/vfctl/profiles/fast.profile", fast);
}

#define FALLBACK "Fallback=yes\n"
#define FAILOVER "Migratable=yes\nFailover=slow\n"

/* A NIC that was plugged in while no VF could be given. */
static void fall_back(const char *vm, unsigned sides)
{
	world.kernel->up = false;
	world_attach_well((struct attach_request){ .vm = vm, .mac = MAC, .sides = sides });
	world.kernel->up = true;
}

/* A failover NIC that has lost its VF half. */
static void lose_half(unsigned sides)
{
	world_attach_well((struct attach_request){ .mac = MAC, .sides = sides });
	world_release(world_vf_with(&world.libvirt->domains[0], "ua-nic1"));
	for (unsigned side = DOMAIN_LIVE; side <= DOMAIN_CONFIG; side <<= 1) {
		world.libvirt->detach = NULL;
		if (sides & side)
			assert_int_equal(hypervisor_detach(world.hypervisor, WORLD_UUID, "ua-nic1",
							 (enum domain_side)side, NULL),
					0);
	}
	world.libvirt->detach = world_unplug;
}

static void lose_half_and_settle(unsigned sides)
{
	lose_half(sides);
	world_settle();
	assert_untouched(0);
}

/* What is left goes by the name of the NIC. */
static void detaches_a_pair_that_has_lost_its_half(void **state)
{
	struct err err = { 0 };

	(void)state;
	write_profiles(FAILOVER);
	lose_half_and_settle(DOMAIN_LIVE);
	if (world_detach("web1", "nic1", 5, &err) < 0)
		fail_msg("%s", err.msg);
	assert_null(strstr(world.libvirt->domains[0].live, "ua-nic1-standby"));
	assert_nothing_happened();
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), -ENOENT);
}

/* No verb has put the VF back before. */
static void gives_back_the_half_that_was_lost(void **state)
{
	struct err err = { 0 };

	(void)state;
	write_profiles(FAILOVER);
	lose_half(DOMAIN_LIVE);
	if (world_detach("web1", "nic1", 5, &err) < 0)
		fail_msg("%s", err.msg);
	assert_nothing_happened();
}

static void plan(const char *vm, struct upgrade *upgrade)
{
	const struct upgrade_request request = { .vm = vm, .limit_s = 3, .wait_s = 5 };
	struct err err = { 0 };

	if (upgrade_plan(world.tree->host, world.hypervisor, &request, upgrade, &err) < 0)
		fail_msg("%s", err.msg);
}

static void go(const char *vm, struct upgrade *upgrade)
{
	plan(vm, upgrade);
	upgrade_run(world.tree->host, &world.hypervisor, upgrade, &world.notes);
}

static void assert_done(const struct upgrade *upgrade, size_t count)
{
	assert_int_equal(upgrade->nic_count, count);
	for (size_t i = 0; i < count; i++) {
		if (!upgrade->nics[i]->done)
			fail_msg("%s", upgrade->nics[i]->err.msg);
	}
}

static size_t count_in(const char *xml, const char *words)
{
	size_t count = 0;

	for (; (xml = strstr(xml, words)); xml++)
		count++;
	return count;
}

static void assert_has(const char *xml, size_t vfs, size_t bridges)
{
	assert_int_equal(count_in(xml, "<interface type='hostdev'"), vfs);
	assert_int_equal(count_in(xml, "<interface type='bridge'"), bridges);
}

/* --- What is upgraded -------------------------------------------------------------------------- */

static void replaces_the_bridge_by_a_vf_of_the_same_name_and_mac(void **state)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };
	const struct fake_domain *domain = &world.libvirt->domains[0];

	(void)state;
	write_profiles(FALLBACK);
	fall_back("web1", 0);
	go("web1", &upgrade);
	assert_done(&upgrade, 1);
	assert_has(domain->live, 1, 0);
	assert_has(domain->config, 0, 0);
	assert_int_equal(count_in(domain->live, "<alias name='ua-nic1'/>"), 1);
	assert_int_equal(count_in(domain->live, MAC), 1);
	assert_int_equal(count_in(domain->live, "bus='0x01' slot='0x00' function='0x0'/>"), 1);
	assert_int_equal(world.kernel->vfs[0].vlan, 10);
	assert_int_equal(world.kernel->vfs[0].max_rate, 200);
	assert_int_equal(count_vnics(), 1);
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

static void plugs_the_missing_half_beside_the_standby(void **state)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };
	const char *live = world.libvirt->domains[0].live;
	unsigned detached;

	(void)state;
	write_profiles(FAILOVER);
	lose_half_and_settle(DOMAIN_LIVE);
	assert_has(live, 0, 1);
	detached = world.libvirt->detached;
	go(NULL, &upgrade);
	assert_done(&upgrade, 1);
	assert_has(live, 1, 1);
	assert_int_equal(world.libvirt->detached, detached);
	assert_non_null(strstr(live, "type='transient' persistent='ua-nic1-standby'"));
	assert_int_equal(count_in(live, MAC), 2);
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

static void makes_a_pair_of_a_failover_nic_that_fell_back(void **state)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };

	(void)state;
	write_profiles(FALLBACK FAILOVER);
	fall_back("web1", 0);
	go("web1", &upgrade);
	assert_done(&upgrade, 1);
	assert_has(world.libvirt->domains[0].live, 1, 1);
	assert_non_null(strstr(world.libvirt->domains[0].live, "persistent='ua-nic1-standby'"));
}

static void changes_the_configuration_that_fell_back_too(void **state)
{
	static const char *const profiles[] = { FALLBACK, FAILOVER };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };

		write_profiles(profiles[i]);
		if (i)
			lose_half_and_settle(DOMAIN_LIVE | DOMAIN_CONFIG);
		else
			fall_back("web1", DOMAIN_LIVE | DOMAIN_CONFIG);
		go("web1", &upgrade);
		assert_done(&upgrade, 1);
		assert_has(world.libvirt->domains[0].live, 1, i);
		assert_has(world.libvirt->domains[0].config, 1, i);
		assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
		assert_nothing_happened();
	}
}

/* The configuration has kept the VF that the running machine has lost: nobody else gets it. */
static void prefers_the_vf_of_its_own_configuration(void **state)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };

	(void)state;
	write_profiles(FAILOVER);
	world_attach_well((struct attach_request){
			.vf = "eth0/2", .sides = DOMAIN_LIVE | DOMAIN_CONFIG });
	assert_int_equal(hypervisor_detach(world.hypervisor, WORLD_UUID, "ua-nic1", DOMAIN_LIVE,
					 NULL),
			0);
	world_settle();
	go("web1", &upgrade);
	assert_done(&upgrade, 1);
	assert_int_equal(upgrade.nics[0]->sides, DOMAIN_LIVE);
	assert_int_equal(upgrade.nics[0]->plan.plugs[0].vf.index, 2);
	assert_has(world.libvirt->domains[0].config, 1, 1);
}

static void gives_vfs_to_all_machines_as_far_as_they_go(void **state)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };
	unsigned done = 0;

	(void)state;
	write_profiles(FALLBACK);
	world_attach_well((struct attach_request){ .vm = "web2" });
	world.kernel->up = false;
	for (unsigned i = 0; i < WORLD_VFS; i++)
		world_attach_well((struct attach_request){ .vm = i % 2 ? "web1" : "web2" });
	world.kernel->up = true;
	go(NULL, &upgrade);
	assert_int_equal(upgrade.nic_count, WORLD_VFS);
	for (unsigned i = 0; i < WORLD_VFS; i++) {
		const struct err *err = &upgrade.nics[i]->err;

		done += upgrade.nics[i]->done;
		if (!upgrade.nics[i]->done)
			assert_string_equal(
					err->refusal ? err->refusal : err->msg, "no-suitable-vf");
	}
	assert_int_equal(done, WORLD_VFS - 1);
}

static void leaves_alone_what_lacks_nothing(void **state)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };

	(void)state;
	write_profiles("");
	world_attach_well((struct attach_request){ 0 });
	world_attach_well((struct attach_request){ .profile = "slow" });
	world_attach_well((struct attach_request){ .vm = "web2", .sides = DOMAIN_CONFIG });
	go(NULL, &upgrade);
	assert_int_equal(upgrade.nic_count, 0);
	assert_has(world.libvirt->domains[0].live, 1, 1);
}

/* --- What is refused --------------------------------------------------------------------------- */

static void refuse_one(const char *refusal, const char *words)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics steps = { 0 };
	char before[FAKE_XML];

	strcpy(before, world.libvirt->domains[0].live);
	go("web1", &upgrade);
	assert_int_equal(upgrade.nic_count, 1);
	assert_false(upgrade.nics[0]->done);
	assert_string_equal(upgrade.nics[0]->err.refusal, refusal);
	assert_says(upgrade.nics[0]->err.msg, words);
	assert_string_equal(world.libvirt->domains[0].live, before);
	upgrade_steps(&upgrade, &steps);
	assert_int_equal(steps.count, 1);
	assert_says(steps.lines[0], refusal);
	for (unsigned i = 0; i < WORLD_VFS; i++)
		assert_untouched(i);
}

static void says_why_no_vf_can_be_given(void **state)
{
	(void)state;
	write_profiles(FALLBACK);
	fall_back("web1", 0);
	world.kernel->up = false;
	refuse_one("no-suitable-vf", "ip link set eth0 up");
	world.kernel->up = true;
	world_file("etc/vfctl/allow/a.allow", "[Match]\nPath=0000:01:00.0\n[Allow]\nAll=no\n");
	refuse_one("no-suitable-vf", "may not carry red");
}

static void refuses_a_second_device_without_a_port(void **state)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };
	const struct upgrade_request request = { .vm = "web1" };
	struct err err = { 0 };

	(void)state;
	world.libvirt->count = 0;
	world_add_domain("web1", WORLD_UUID, 1);
	write_profiles(FALLBACK FAILOVER);
	fall_back("web1", 0);
	refuse_one("no-spare-slot", "0 of 1 root ports");
	world.libvirt->domains[0].running = false;
	assert_true(upgrade_plan(world.tree->host, world.hypervisor, &request, &upgrade, &err) < 0);
	assert_string_equal(err.refusal, "vm-not-running");
}

/* --- Failures ---------------------------------------------------------------------------------- */

static struct fake_answer refuse_vfs(struct fake_domain *domain, const char *xml)
{
	(void)domain;
	return strstr(xml, "hostdev") ? (struct fake_answer){ 1, "internal error: no room" }
				      : (struct fake_answer){ 0 };
}

static void brings_the_bridge_back_if_the_plug_fails(void **state)
{
	static const char *const profiles[] = { FALLBACK, FALLBACK FAILOVER };
	struct fake_domain *domain = &world.libvirt->domains[0];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };

		world.libvirt->attach = world_plug;
		write_profiles(profiles[i]);
		fall_back("web1", DOMAIN_LIVE | DOMAIN_CONFIG);
		world.libvirt->attach = refuse_vfs;
		go("web1", &upgrade);
		assert_says(upgrade.nics[0]->err.msg, "no room");
		assert_has(domain->live, 0, 1);
		assert_has(domain->config, 0, 1);
		assert_int_equal(count_in(domain->live, MAC), 1);
		assert_int_equal(count_in(domain->live, "<alias name='ua-nic1'/>"), 1);
		for (unsigned vf = 0; vf < WORLD_VFS; vf++)
			assert_untouched(vf);
		assert_int_equal(count_vnics(), 1);
		assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	}
}

static struct fake_answer refuse_by_guest(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	*removed = false;
	world.libvirt->refused(domain, alias);
	return (struct fake_answer){ 0 };
}

static void leaves_the_bridge_to_a_guest_that_refuses(void **state)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };

	(void)state;
	write_profiles(FALLBACK);
	fall_back("web1", DOMAIN_LIVE | DOMAIN_CONFIG);
	world.libvirt->detach = refuse_by_guest;
	go("web1", &upgrade);
	assert_int_equal(upgrade.nics[0]->err.code, EPERM);
	assert_has(world.libvirt->domains[0].live, 0, 1);
	assert_has(world.libvirt->domains[0].config, 0, 1);
}

static void plans_without_a_change(void **state)
{
	CLEANUP(cleanup_upgrade) struct upgrade upgrade = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics steps = { 0 };
	char before[FAKE_XML];

	(void)state;
	write_profiles(FALLBACK);
	fall_back("web1", 0);
	strcpy(before, world.libvirt->domains[0].live);
	plan("web1", &upgrade);
	upgrade_steps(&upgrade, &steps);
	assert_says(steps.lines[0], "unplug from VM web1: ua-nic1, on br0");
	assert_says(steps.lines[1], "reserve VF 0");
	assert_string_equal(world.libvirt->domains[0].live, before);
	assert_untouched(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
		TEST(replaces_the_bridge_by_a_vf_of_the_same_name_and_mac),
		TEST(plugs_the_missing_half_beside_the_standby),
		TEST(detaches_a_pair_that_has_lost_its_half),
		TEST(gives_back_the_half_that_was_lost),
		TEST(makes_a_pair_of_a_failover_nic_that_fell_back),
		TEST(changes_the_configuration_that_fell_back_too),
		TEST(prefers_the_vf_of_its_own_configuration),
		TEST(gives_vfs_to_all_machines_as_far_as_they_go),
		TEST(leaves_alone_what_lacks_nothing),
		TEST(says_why_no_vf_can_be_given),
		TEST(refuses_a_second_device_without_a_port),
		TEST(brings_the_bridge_back_if_the_plug_fails),
		TEST(leaves_the_bridge_to_a_guest_that_refuses),
		TEST(plans_without_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

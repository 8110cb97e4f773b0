/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/assert.h"
#include "tests/edit_world.h"

/* NICs that become others. */

#define BOTH (DOMAIN_LIVE | DOMAIN_CONFIG)

static struct fake_domain *web1(void)
{
	return &world.libvirt->domains[0];
}

/* --- Without a plug ---------------------------------------------------------------------------- */

static void assert_unplugs(unsigned count)
{
	assert_int_equal(world.libvirt->detached, count);
	world.libvirt->detached = 0;
}

static void sets_what_the_vf_takes_while_the_guest_uses_it(void **state)
{
	static const char *const from[] = { "fast", "pair" },
				 *const to[] = { "swift", "quick-pair" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char before[FAKE_XML];

		edit_attach(from[i], BOTH);
		strcpy(before, web1()->live);
		assert_int_equal(world.kernel->vfs[0].max_rate, 200);
		edit_well((struct edit_request){ .profile = to[i] });
		assert_int_equal(world.kernel->vfs[0].max_rate, 500);
		assert_true(world.kernel->vfs[0].trust);
		assert_string_equal(web1()->live, before);
		assert_unplugs(0);
		assert_is(to[i]);
		edit_well((struct edit_request){ .profile = from[i] });
		assert_is(from[i]);
		assert_false(world.kernel->vfs[0].trust);
		assert_leaves_nothing();
		world.libvirt->detached = 0;
	}
}

static void moves_a_nic_to_the_bridge_of_another_network(void **state)
{
	const char *live = web1()->live;

	(void)state;
	edit_attach("slow", BOTH);
	edit_well((struct edit_request){ .profile = "calm" });
	assert_int_equal(world.libvirt->updated, 1);
	assert_unplugs(0);
	assert_int_equal(times(live, "bridge='br1'"), 1);
	assert_int_equal(times(web1()->config, "bridge='br1'"), 1);
	assert_int_equal(times(live, EDIT_MAC), 1);
	assert_is("calm");
	assert_leaves_nothing();
}

static void follows_a_profile_and_a_network_that_were_changed(void **state)
{
	(void)state;
	edit_attach("fast", 0);
	world_file("etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=250\n");
	edit_well((struct edit_request){ 0 });
	assert_int_equal(world.kernel->vfs[0].max_rate, 250);
	assert_unplugs(0);
	world_file("etc/vfctl/networks/red.network", "[Network]\nVM=yes\nVLANId=11\nBridge=br0\n");
	edit_well((struct edit_request){ 0 });
	assert_int_equal(world.kernel->vfs[0].vlan, 11);
	assert_unplugs(1);
	assert_is("fast");
	assert_leaves_nothing();
}

static void changes_nothing_that_is_as_it_should_be(void **state)
{
	(void)state;
	edit_attach("pair", BOTH);
	world.libvirt->attached = 0;
	edit_well((struct edit_request){ .mac = EDIT_MAC, .profile = "pair" });
	assert_unplugs(0);
	assert_int_equal(world.libvirt->attached + world.libvirt->updated + world.libvirt->defined,
			0);
	assert_is("pair");
}

/* --- With an unplug and a plug ------------------------------------------------------------------ */

/* Where the NIC is in the guest: "domain='0x0000' bus='0x02' ...". */
static char *place_of(const char *alias)
{
	CLEANUP(cleanup_domain) struct domain domain = { 0 };
	CLEANUP(cleanup_free) char *xml = NULL;
	const struct domain_nic *nic;
	char text[BDF_TEXT];

	assert_int_equal(hypervisor_xml(world.hypervisor, WORLD_UUID, DOMAIN_LIVE, &xml, NULL), 0);
	assert_int_equal(domain_parse("live", xml, strlen(xml), &domain, NULL), 0);
	nic = domain_nic_with_alias(&domain, alias);
	return text_format("%s", nic && nic->has_guest ? bdf_format(nic->guest, text) : "none");
}

static const struct change {
	const char *from;
	struct edit_request request;
	const char *to;
	unsigned unplugs;
	bool interrupts;
} changes[] = {
	{ "fast", { .profile = "other" }, "other", 1, true },
	{ "fast", { .mac = "02:00:00:00:00:78" }, "fast", 1, true },
	{ "fast", { .vf = "eth0/2" }, "fast", 1, true },
	{ "fast", { .profile = "slow" }, "slow", 1, true },
	{ "fast", { .profile = "calm", .mac = "02:00:00:00:00:78" }, "calm", 1, true },
	{ "fast", { .profile = "pair" }, "pair", 1, true },
	{ "slow", { .profile = "fast" }, "fast", 1, true },
	{ "slow", { .mac = "02:00:00:00:00:78" }, "slow", 1, true },
	{ "slow", { .profile = "pair" }, "pair", 1, true },
	{ "pair", { .profile = "fast" }, "fast", 2, true },
	{ "pair", { .profile = "slow" }, "slow", 2, true },
	{ "pair", { .mac = "02:00:00:00:00:78" }, "pair", 2, true },
	{ "pair", { .vf = "eth0/2" }, "pair", 1, false },
	{ "pair", { .vf = "eth0/2", .profile = "quick-pair" }, "quick-pair", 1, false },
};

static void assert_sound(const struct change *change)
{
	const char *mac = change->request.mac ? change->request.mac : EDIT_MAC;
	bool pair = strstr(change->to, "pair");

	for (size_t side = 0; side < 2; side++) {
		const char *xml = side ? web1()->config : web1()->live;

		assert_int_equal(times(xml, "<alias name='ua-nic1'/>"), 1);
		assert_int_equal(times(xml, mac), pair ? 2 : 1);
		assert_int_equal(times(xml, EDIT_MAC), change->request.mac ? 0 : pair ? 2 : 1);
		assert_int_equal(times(xml, "<boot order='3'/>"), 1);
	}
	if (change->request.vf)
		assert_int_equal(world_vf_with(web1(), "ua-nic1"), 2);
}

static void plugs_in_what_cannot_be_changed_otherwise(void **state)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		const struct change *change = &changes[i];
		CLEANUP(cleanup_edit) struct edit edit = { 0 };
		CLEANUP(cleanup_free) char *before = NULL;
		CLEANUP(cleanup_free) char *after = NULL;

		world_attach_well((struct attach_request){ .profile = "slow", .nic = "nic0" });
		world_attach_well((struct attach_request){ .profile = change->from,
				.mac = EDIT_MAC,
				.boot = 3,
				.sides = BOTH });
		before = place_of("ua-nic1");
		assert_int_equal(edit_planned(change->request, &edit, NULL), 0);
		if (edit_interrupts(&edit) != change->interrupts)
			fail_msg("change %zu: the plan says something else", i);
		edit_well(change->request);
		if (world.libvirt->detached != change->unplugs)
			fail_msg("change %zu: %u unplugs", i, world.libvirt->detached);
		assert_sound(change);
		assert_is(change->to);
		after = place_of("ua-nic1");
		if (strcmp(after, before) != 0)
			fail_msg("change %zu: from %s to %s", i, before, after);
		assert_int_equal(world_detach("web1", "nic0", 5, NULL), 0);
		assert_leaves_nothing();
		world_end(state);
		edit_begin(state);
	}
}

/* The other networks are carried by no card but its own. */
static void prefers_the_vf_that_it_has(void **state)
{
	(void)state;
	world_attach_well((struct attach_request){ .mac = EDIT_MAC, .vf = "eth0/3" });
	edit_well((struct edit_request){ .profile = "other" });
	assert_int_equal(world_vf_with(web1(), "ua-nic1"), 3);
	assert_int_equal(world.kernel->vfs[3].vlan, 20);
	assert_leaves_nothing();
}

static void changes_the_configuration_of_a_machine_that_is_stopped(void **state)
{
	(void)state;
	web1()->running = false;
	edit_attach("fast", 0);
	edit_well((struct edit_request){ .profile = "other", .mac = "02:00:00:00:00:78" });
	assert_int_equal(times(web1()->config, "<tag id='20'/>"), 1);
	assert_int_equal(times(web1()->config, "<interface"), 1);
	assert_int_equal(times(web1()->config, "02:00:00:00:00:78"), 1);
	assert_is("other");
	for (unsigned vf = 0; vf < WORLD_VFS; vf++)
		assert_untouched(vf);
}

/* --- What is refused ---------------------------------------------------------------------------- */

static void refuse_one(struct edit_request request, const char *refusal, const char *words)
{
	unsigned calls = world.libvirt->detached + world.libvirt->attached;
	char live[FAKE_XML], config[FAKE_XML];
	struct err err = { 0 };

	strcpy(live, web1()->live);
	strcpy(config, web1()->config);
	assert_true(edit_go(request, &err) < 0);
	if (refusal && (!err.refusal || strcmp(err.refusal, refusal) != 0))
		fail_msg("not refused as %s: %s", refusal, err.msg);
	assert_says(err.msg, words);
	assert_string_equal(web1()->live, live);
	assert_string_equal(web1()->config, config);
	assert_int_equal(world.libvirt->detached + world.libvirt->attached, calls);
	assert_false(host_exists(world.tree->host, "run/vfctl/edits/" WORLD_UUID ".nic1.json"));
}

static void refuses_before_anything_changes(void **state)
{
	(void)state;
	edit_attach("fast", 0);
	world_attach_well((struct attach_request){ .vm = "web2", .mac = "02:00:00:00:00:79" });
	refuse_one((struct edit_request){ .profile = "none" }, "profile-missing", "none");
	refuse_one((struct edit_request){ .mac = "02:00:00:00:00:79" }, "mac-in-use",
			"nic1 of VM web2");
	refuse_one((struct edit_request){ .mac = "01:00:00:00:00:79" }, NULL, "one station");
	refuse_one((struct edit_request){ .vf = "eth0/1" }, "no-suitable-vf", "VF 1 is held");
	refuse_one((struct edit_request){ .nic = "nic7" }, NULL, "no NIC nic7");
	refuse_one((struct edit_request){ .vm = "web9" }, NULL, "web9");
	refuse_one((struct edit_request){ .sides = DOMAIN_CONFIG }, NULL, "configuration");
	world_file("etc/vfctl/allow/a.allow",
			"[Match]\nPath=0000:01:00.0\n[Allow]\nAll=no\nNetworks=red\n");
	refuse_one((struct edit_request){ .profile = "other" }, "no-suitable-vf",
			"may not carry blue");
	tree_remove(world.tree, "sys/class/net/br1/bridge");
	refuse_one((struct edit_request){ .profile = "calm" }, "network-has-no-bridge", "br1");
	assert_is("fast");
	web1()->persistent = false;
	refuse_one((struct edit_request){ .sides = DOMAIN_CONFIG }, "vm-transient", "--live");
	web1()->persistent = true;
	web1()->running = false;
	refuse_one((struct edit_request){ .sides = DOMAIN_LIVE, .nic = "nic1" }, NULL, "web1");
}

static void refuses_a_pair_without_a_spare_port(void **state)
{
	(void)state;
	world.libvirt->count = 0;
	world_add_domain("web1", WORLD_UUID, 1);
	edit_attach("fast", 0);
	refuse_one((struct edit_request){ .profile = "pair" }, "no-spare-slot",
			"0 of 1 root ports");
	edit_well((struct edit_request){ .profile = "slow" });
	assert_is("slow");
}

/* One vNIC cannot have two profiles. */
static void refuses_one_side_of_a_nic_that_is_on_both(void **state)
{
	(void)state;
	edit_attach("fast", BOTH);
	refuse_one((struct edit_request){ .profile = "swift", .sides = DOMAIN_CONFIG }, NULL,
			"both --live and --config");
	edit_well((struct edit_request){ .profile = "swift", .sides = BOTH });
	assert_is("swift");
}

static void refuses_what_another_program_plugged_in(void **state)
{
	CLEANUP(cleanup_free)
	char *file = text_format("var/lib/vfctl/vnics/%s.nic1.vnic", WORLD_UUID);
	struct bdf vf;

	(void)state;
	edit_attach("fast", 0);
	assert_int_equal(bdf_parse(world_vf(0), &vf), 0);
	assert_int_equal(reservation_remove(world.tree->host, vf, NULL), 0);
	refuse_one((struct edit_request){ .profile = "swift" }, "device-passed-through",
			"another program");
	tree_remove(world.tree, file);
	refuse_one((struct edit_request){ .profile = "swift" }, NULL, "has no profile");
}

/* --- Guests and plans --------------------------------------------------------------------------- */

static struct fake_answer refuse_by_guest(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	*removed = false;
	world.libvirt->refused(domain, alias);
	return (struct fake_answer){ 0 };
}

static struct fake_answer refuse_standby(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	return strstr(alias, "standby") ? refuse_by_guest(domain, alias, removed)
					: world_unplug(domain, alias, removed);
}

static void leaves_the_nic_to_a_guest_that_refuses(void **state)
{
	static const char *const from[] = { "fast", "slow", "pair", "pair" };
	struct fake_answer (*const refusals[])(struct fake_domain * domain, const char *alias,
			bool *removed) = { refuse_by_guest, refuse_by_guest, refuse_by_guest,
		refuse_standby };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct err err = { 0 };

		edit_attach(from[i], BOTH);
		world.libvirt->detach = refusals[i];
		assert_int_equal(edit_go((struct edit_request){ .mac = "02:00:00:00:00:78" }, &err),
				-EPERM);
		assert_says(err.msg, "refuses to release");
		world.libvirt->detach = world_unplug;
		assert_is(from[i]);
		assert_int_equal(times(web1()->live, "02:00:00:00:00:78"), 0);
		assert_leaves_nothing();
	}
}

static void says(struct edit_request request, const char *words)
{
	CLEANUP(cleanup_edit) struct edit edit = { 0 };
	CLEANUP(cleanup_diagnostics) struct diagnostics steps = { 0 };
	struct err err = { 0 };

	if (edit_planned(request, &edit, &err) < 0)
		fail_msg("%s", err.msg);
	edit_steps(&edit, &steps);
	for (size_t i = 0; i < steps.count; i++) {
		if (strstr(steps.lines[i], words))
			return;
	}
	fail_msg("no step says: %s", words);
}

static void plans_what_the_guest_will_notice(void **state)
{
	char before[FAKE_XML];

	(void)state;
	edit_attach("fast", BOTH);
	strcpy(before, web1()->live);
	says((struct edit_request){ .profile = "swift" }, "0-500, was 0-200");
	says((struct edit_request){ .profile = "swift" }, "notices nothing");
	says((struct edit_request){ .profile = "other" }, "unplug from VM web1: VF 0");
	says((struct edit_request){ .profile = "other" }, "reserve VF 0");
	says((struct edit_request){ .profile = "other" }, "change the configuration");
	says((struct edit_request){ .profile = "other" }, "loses the interface");
	says((struct edit_request){ .mac = "02:00:00:00:00:78" }, "with another MAC");
	assert_string_equal(web1()->live, before);
	assert_is("fast");
	assert_leaves_nothing();
	edit_attach("slow", 0);
	says((struct edit_request){ .profile = "calm" }, "from br0 to br1");
	says((struct edit_request){ .profile = "calm" }, "in another network");
	assert_leaves_nothing();
	edit_attach("pair", 0);
	says((struct edit_request){ .vf = "eth0/3" }, "goes on with the standby");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, edit_begin, world_end)
		TEST(sets_what_the_vf_takes_while_the_guest_uses_it),
		TEST(moves_a_nic_to_the_bridge_of_another_network),
		TEST(follows_a_profile_and_a_network_that_were_changed),
		TEST(changes_nothing_that_is_as_it_should_be),
		TEST(plugs_in_what_cannot_be_changed_otherwise),
		TEST(prefers_the_vf_that_it_has),
		TEST(changes_the_configuration_of_a_machine_that_is_stopped),
		TEST(refuses_before_anything_changes),
		TEST(refuses_a_pair_without_a_spare_port),
		TEST(refuses_one_side_of_a_nic_that_is_on_both),
		TEST(refuses_what_another_program_plugged_in),
		TEST(leaves_the_nic_to_a_guest_that_refuses),
		TEST(plans_what_the_guest_will_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

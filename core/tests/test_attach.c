/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/refusal.h"
#include "sriov/reservation.h"
#include "tests/assert.h"
#include "tests/vm_world.h"

/* --- Attach ------------------------------------------------------------------------------------ */

static void gives_a_vf_the_networks_vlan_and_the_profiles_rate(void **state)
{
	const struct vf_settings *vf = &world.kernel->vfs[0];
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = world_card };

	(void)state;
	world_attach_well((struct attach_request){ .mac = "52:54:00:00:00:77" });
	assert_int_equal(vf->vlan, 10);
	assert_int_equal(vf->qos, 0);
	assert_int_equal(vf->proto, 0x8100);
	assert_int_equal(vf->max_rate, 200);
	assert_true(vf->spoofchk);
	assert_false(vf->trust);
	assert_int_equal(vf->mac.octet[5], 0x77);
	assert_int_equal(vf->link, VF_LINK_ENABLE);
	assert_non_null(strstr(world.libvirt->domains[0].live, "ua-nic1"));
	assert_null(strstr(world.libvirt->domains[0].config, "ua-nic1"));
	assert_int_equal(pf_fill_state(world.tree->host, &pf, NULL), 0);
	pf_fill_holders(world.tree->host, &pf);
	assert_int_equal(pf.vfs[0].holder.kind, HOLDER_VM);
	assert_string_equal(pf.vfs[0].holder.what, "web1/nic1");
	for (unsigned i = 1; i < WORLD_VFS; i++)
		assert_untouched(i);
}

static void gives_two_machines_two_vfs(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WORLD_VFS; i++)
		world_attach_well((struct attach_request){ .vm = i % 2 ? "web1" : "web2" });
	for (unsigned i = 0; i < WORLD_VFS; i++)
		assert_int_equal(world.kernel->vfs[i].vlan, 10);
	assert_int_equal(count_vnics(), WORLD_VFS);
}

static bool seen[REFUSAL_COUNT];

static void note_refusal(const struct err *err)
{
	for (int i = 0; i < REFUSAL_COUNT; i++) {
		if (err->refusal && !strcmp(err->refusal, refusal_name((enum refusal)i)))
			seen[i] = true;
	}
}

static void refuses(const char *name, struct attach_request request, const char *words)
{
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	struct err err = { 0 };

	assert_true(world_attach(request, &attach, &err) < 0);
	if (name && (!err.refusal || strcmp(err.refusal, name) != 0))
		fail_msg("not refused as %s: %s", name, err.msg);
	note_refusal(&err);
	assert_says(err.msg, words);
	assert_int_equal(world.libvirt->attached, 0);
	assert_nothing_happened();
}

static void refuses_what_cannot_be(void **state)
{
	(void)state;
	refuses("profile-missing", (struct attach_request){ .profile = "slow" }, "slow");
	refuses(NULL, (struct attach_request){ .vm = "web9" }, "web1, web2");
	refuses(NULL, (struct attach_request){ .nic = "a b" }, "'a b'");
	refuses(NULL, (struct attach_request){ .mac = "01:00:00:00:00:01" }, "one station");
	refuses(NULL, (struct attach_request){ .vf = "eth0/9" }, "no VF 9");
	refuses(NULL, (struct attach_request){ .vf = "eth9" }, "eth9");
	world.libvirt->domains[0].running = false;
	refuses("vm-not-running", (struct attach_request){ .sides = DOMAIN_LIVE }, "--config");
	world.libvirt->domains[0].running = true;
	world.libvirt->domains[0].persistent = false;
	refuses("vm-transient", (struct attach_request){ .sides = DOMAIN_CONFIG }, "--live");
}

static void refuses_cards_that_do_not_fit(void **state)
{
	(void)state;
	world_file("etc/vfctl/allow/a.allow", "[Match]\nPath=0000:01:00.0\n[Allow]\nAll=no\n");
	refuses("no-suitable-vf", (struct attach_request){ 0 }, "may not carry red");
	world_file("etc/vfctl/allow/a.allow",
			"[Match]\nPath=0000:01:00.0\n[Allow]\nAll=no\nNetworks=red\n");
	world_file("etc/vfctl/networks/red.network", "[Network]\nVM=yes\nMTUBytes=9000\n");
	refuses("no-suitable-vf", (struct attach_request){ 0 }, "MTU is 1500");
	world_file("etc/vfctl/networks/red.network", "[Network]\nVM=yes\nVLANId=10\n");
	world.kernel->up = false;
	refuses("no-suitable-vf", (struct attach_request){ 0 }, "ip link set eth0 up");
	world.kernel->up = true;
	world_attach_well((struct attach_request){ 0 });
}

static void passes_over_vfs_that_are_held_or_promised(void **state)
{
	struct fake_domain *other = &world.libvirt->domains[1];
	char *end = strstr(other->config, "</devices>");

	(void)state;
	world_bind(0, "vfio-pci");
	world_open(0);
	strcpy(end,
			"<interface type='hostdev'><source><address type='pci' domain='0x0000' bus='0x01' "
			"slot='0x10' function='0x2'/></source><mac address='02:00:00:00:00:55'/></interface>"
			"</devices></domain>");
	tree_remove(world.tree, "sys/bus/pci/devices/0000:01:10.4/iommu_group");
	world_attach_well((struct attach_request){ 0 });
	assert_int_equal(world.kernel->vfs[3].vlan, 10);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(world.kernel->vfs[i].vlan, world_before(i).vlan);
}

static void takes_the_vf_that_is_named(void **state)
{
	(void)state;
	world_attach_well((struct attach_request){ .vf = "eth0/2" });
	assert_int_equal(world.kernel->vfs[2].vlan, 10);
	world_attach_well((struct attach_request){ .vf = "0000:01:10.2" });
	assert_int_equal(world.kernel->vfs[1].vlan, 10);
}

#define BRIDGED "[Network]\nVM=yes\nVLANId=10\nBridge=br0\n"

static void gives_both_nics_of_a_failover_pair(void **state)
{
	const char *live = world.libvirt->domains[0].live;

	(void)state;
	world_file("etc/vfctl/networks/red.network", BRIDGED);
	world_file("etc/vfctl/profiles/slow.profile", "[Profile]\nNetwork=red\n");
	world_file("etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nMigratable=yes\nFailover=slow\n");
	refuses("network-has-no-bridge", (struct attach_request){ 0 }, "br0");
	tree_file(world.tree, "sys/class/net/br0/bridge/bridge_id", "");
	world_attach_well((struct attach_request){ .mac = "52:54:00:00:00:77" });
	assert_non_null(strstr(live, "ua-nic1-standby"));
	assert_non_null(strstr(live, "<alias name='ua-nic1'/>"));
	assert_non_null(strstr(live, "persistent='ua-nic1-standby'"));
	assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

static void falls_back_only_where_the_profile_says_so(void **state)
{
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	struct err err = { 0 };

	(void)state;
	world_file("etc/vfctl/networks/red.network", BRIDGED);
	tree_file(world.tree, "sys/class/net/br0/bridge/bridge_id", "");
	world.kernel->up = false;
	refuses("no-suitable-vf", (struct attach_request){ 0 }, "ip link set eth0 up");
	world_file("etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nFallback=yes\n");
	assert_int_equal(world_attach((struct attach_request){ 0 }, &attach, &err), 0);
	assert_true(attach.nic.fell_back);
	assert_non_null(strstr(world.libvirt->domains[0].live, "<interface type='bridge'"));
	for (unsigned i = 0; i < WORLD_VFS; i++)
		assert_untouched(i);
}

#define OF_WEB1 "etc/apparmor.d/libvirt/libvirt-" WORLD_UUID ".files"

/* QEMU of web1 runs as LABEL, and the profile has RULES. */
static void confine(const char *label, const char *rules)
{
	CLEANUP(cleanup_free) char *path = text_format("proc/%d/attr/current", WORLD_QEMU);
	CLEANUP(cleanup_free) char *pid = text_format("%d", WORLD_QEMU);

	tree_file(world.tree, "run/libvirt/qemu/web1.pid", pid);
	tree_file(world.tree, path, label);
	tree_file(world.tree, OF_WEB1, rules);
}

static bool has_own_driver(const char *xml)
{
	return strstr(xml, "<driver name='qemu'/>") != NULL;
}

static void does_without_vhost_where_apparmor_denies_it(void **state)
{
	static const char enforced[] = "libvirt-" WORLD_UUID " (enforce)\n";
	static const char rules[] = "  \"/dev/net/tun\" rw,\n";
	static const char vhost[] = "  \"/dev/vhost-net\" rw,\n";
	static const struct {
		const char *label, *rules;
		bool denied;
	} cases[] = { { enforced, rules, true }, { enforced, vhost, false },
		{ "unconfined\n", rules, false },
		{ "libvirt-" WORLD_UUID " (complain)\n", rules, false },
		{ "libvirt-" WORLD_UUID2 " (enforce)\n", rules, false } };
	const struct fake_domain *web1 = &world.libvirt->domains[0];

	(void)state;
	world_file("etc/vfctl/networks/red.network", BRIDGED);
	world_file("etc/vfctl/profiles/slow.profile", "[Profile]\nNetwork=red\n");
	tree_file(world.tree, "sys/class/net/br0/bridge/bridge_id", "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		confine(cases[i].label, cases[i].rules);
		world_attach_well((struct attach_request){
				.profile = "slow", .sides = DOMAIN_LIVE | DOMAIN_CONFIG });
		assert_non_null(strstr(web1->live, "<interface type='bridge'"));
		assert_non_null(strstr(web1->config, "<interface type='bridge'"));
		assert_int_equal(has_own_driver(web1->live), cases[i].denied);
		assert_false(has_own_driver(web1->config));
		assert_int_equal(world_detach("web1", "nic1", 5, NULL), 0);
	}
	assert_int_equal(world.notes.count, 1);
	assert_says(world.notes.lines[0], "AppArmor");
}

static void refuses_a_machine_without_a_spare_port(void **state)
{
	(void)state;
	world.libvirt->count = 1;
	world_add_domain("full", WORLD_UUID2, 0);
	refuses("no-spare-slot", (struct attach_request){ .vm = "full" }, "0 of 0 root ports");
}

static void refuses_pools_that_give_no_vf(void **state)
{
	struct fake_network *network = &world.libvirt->networks[0];

	(void)state;
	world.libvirt->network_count = 1;
	*network = (struct fake_network){ "vfs", "<network><name>vfs</name></network>", "", false };
	refuses("pool-missing", (struct attach_request){ .pool = "none" }, "vfs");
	refuses("pool-not-hostdev", (struct attach_request){ .pool = "vfs" }, "hostdev");
	strcpy(network->xml, "<network><name>vfs</name><forward mode='hostdev'/></network>");
	refuses("pool-inactive", (struct attach_request){ .pool = "vfs" }, "net-start vfs");
	network->active = true;
	refuses("no-suitable-vf", (struct attach_request){ .pool = "vfs" }, "no VF");
}

static void refuses_a_name_or_mac_that_is_taken(void **state)
{
	static const struct {
		struct attach_request request;
		const char *refusal, *words;
	} rules[] = {
		{ { .nic = "nic1" }, "nic-exists", "vfctl vm show web1" },
		{ { .mac = "52:54:00:00:00:77" }, "mac-in-use", "nic1 of VM web1" },
		{ { .vm = "web2", .mac = "52:54:00:00:00:77" }, "mac-in-use", "nic1 of VM web1" },
	};

	(void)state;
	world_attach_well((struct attach_request){ .mac = "52:54:00:00:00:77" });
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		CLEANUP(cleanup_attach) struct attach attach = { 0 };
		struct err err = { 0 };

		assert_true(world_attach(rules[i].request, &attach, &err) < 0);
		assert_string_equal(err.refusal ? err.refusal : err.msg, rules[i].refusal);
		assert_says(err.msg, rules[i].words);
		note_refusal(&err);
	}
	assert_int_equal(world.libvirt->attached, 1);
}

/* --- Failures ---------------------------------------------------------------------------------- */

static struct fake_answer refuse_all(struct fake_domain *domain, const char *xml)
{
	(void)domain;
	(void)xml;
	return (struct fake_answer){ 1, "internal error: unable to do it" };
}

/* What libvirt 9.0 leaves where the VLAN cannot be set. */
static struct fake_answer leave_a_mess(struct fake_domain *domain, const char *xml)
{
	unsigned vf = world_vf_of(xml);

	(void)domain;
	world.kernel->vfs[vf].mac = (struct mac){ { 2 } };
	world_bind(vf, "vfio-pci");
	return (struct fake_answer){ 1, "internal error: cannot set vlan" };
}

static struct fake_answer plug_without_qemu(struct fake_domain *domain, const char *xml)
{
	struct fake_answer answer = world_plug(domain, xml);

	world_close(world_vf_of(xml));
	return answer;
}

static void undoes_an_attach_that_fails(void **state)
{
	static const struct {
		struct fake_answer (*attach)(struct fake_domain *domain, const char *xml);
		const char *words;
	} failures[] = { { refuse_all, "unable to do it" }, { leave_a_mess, "cannot set vlan" },
		{ plug_without_qemu, "no machine has VF 0" } };

	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		CLEANUP(cleanup_attach) struct attach attach = { 0 };
		struct err err = { 0 };

		world.libvirt->attach = failures[i].attach;
		assert_true(world_attach((struct attach_request){ 0 }, &attach, &err) < 0);
		assert_says(err.msg, failures[i].words);
		assert_nothing_happened();
	}
}

static void does_not_believe_a_success_without_a_nic(void **state)
{
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	struct err err = { 0 };

	(void)state;
	world.libvirt->attach = NULL;
	world.libvirt->drops_nic = true;
	assert_true(world_attach((struct attach_request){ 0 }, &attach, &err) < 0);
	assert_says(err.msg, "reports success");
	assert_nothing_happened();
}

/* Others do not ask the manager. */
static struct fake_answer lose_vf_0(struct fake_domain *domain, const char *xml)
{
	if (world_vf_of(xml))
		return world_plug(domain, xml);
	return (struct fake_answer){ 1,
		"Requested operation is not valid: PCI device 0000:01:10.0 is "
		"in use by driver WORLD_QEMU, domain other" };
}

static void goes_on_with_the_next_vf_if_another_was_faster(void **state)
{
	(void)state;
	world.libvirt->attach = lose_vf_0;
	world_attach_well((struct attach_request){ 0 });
	assert_untouched(0);
	assert_int_equal(world.kernel->vfs[1].vlan, 10);
	assert_int_equal(world.notes.count, 1);
}

static void each_rule_about_machines_was_broken_once(void **state)
{
	(void)state;
	for (int i = REFUSAL_VM_NOT_RUNNING; i < REFUSAL_VM_EXISTS; i++) {
		if (!seen[i])
			fail_msg("no test breaks the rule %s", refusal_name((enum refusal)i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
		TEST(gives_a_vf_the_networks_vlan_and_the_profiles_rate),
		TEST(gives_two_machines_two_vfs),
		TEST(refuses_what_cannot_be),
		TEST(refuses_cards_that_do_not_fit),
		TEST(passes_over_vfs_that_are_held_or_promised),
		TEST(takes_the_vf_that_is_named),
		TEST(gives_both_nics_of_a_failover_pair),
		TEST(falls_back_only_where_the_profile_says_so),
		TEST(does_without_vhost_where_apparmor_denies_it),
		TEST(refuses_a_machine_without_a_spare_port),
		TEST(refuses_pools_that_give_no_vf),
		TEST(refuses_a_name_or_mac_that_is_taken),
		TEST(undoes_an_attach_that_fails),
		TEST(does_not_believe_a_success_without_a_nic),
		TEST(goes_on_with_the_next_vf_if_another_was_faster),
		cmocka_unit_test(each_rule_about_machines_was_broken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

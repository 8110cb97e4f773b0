/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "sriov/holder.h"
#include "sriov/pf.h"
#include "sriov/reservation.h"
#include "tests/assert.h"
#include "tests/fake_libvirt.h"
#include "tests/fake_rtnetlink.h"
#include "tests/tree_hook.h"
#include "vm/attach.h"
#include "vm/detach.h"

/*
 * Attach and detach on a host of files, with a libvirt and a kernel of the tests' own. The host is what
 * tree_igb() makes; libvirt's hooks do to it what libvirt and QEMU do to a real one.
 */

enum { VFS = 4, QEMU = 812 };

#define UUID  "6d0f4a1c-0000-4000-8000-000000000001"
#define UUID2 "6d0f4a1c-0000-4000-8000-000000000002"

static const struct bdf card = { 0, 1, 0, 0 };

struct world {
	struct tree *tree;
	struct fake_rtnetlink *kernel;
	struct fake_libvirt *libvirt;
	struct hypervisor *hypervisor;
	struct diagnostics notes;
};

static struct world world;

static const char *vf_name(unsigned vf)
{
	static const char *const names[VFS] = { "0000:01:10.0", "0000:01:10.2", "0000:01:10.4",
		"0000:01:10.6" };

	return names[vf];
}

static struct vf_settings before(unsigned vf)
{
	return (struct vf_settings){ .given = VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE |
				VF_LINK,
		.mac = { { 2, 0, 0, 0, 9, (uint8_t)vf } },
		.vlan = (uint16_t)(100 + vf),
		.proto = 0x8100,
		.qos = (uint8_t)(1 + vf),
		.spoofchk = false,
		.trust = true,
		.max_rate = 300 + vf,
		.link = VF_LINK_ENABLE };
}

/* --- What libvirt and QEMU do to the host ----------------------------------------------------- */

static unsigned vf_of(const char *xml)
{
	const char *source = strstr(xml, "<source>");
	unsigned slot, function;

	assert_non_null(source);
	source = strstr(source, "slot=");
	assert_int_equal(sscanf(source, "slot='0x%x' function='0x%x'", &slot, &function), 2);
	return (slot - 0x10) * 4 + function / 2;
}

static void open_by_qemu(unsigned vf)
{
	char path[64], target[40];

	snprintf(path, sizeof(path), "proc/%d/fd/%u", QEMU, 20 + vf);
	snprintf(target, sizeof(target), "/dev/vfio/%u", 8 + vf);
	tree_link(world.tree, path, target);
}

static void close_by_qemu(unsigned vf)
{
	CLEANUP(cleanup_free) char *path = text_format("proc/%d/fd/%u", QEMU, 20 + vf);

	tree_remove(world.tree, path);
}

static void set_driver(unsigned vf, const char *driver)
{
	CLEANUP(cleanup_free)
	char *link = text_format("sys/bus/pci/devices/%s/driver", vf_name(vf));

	tree_remove(world.tree, link);
	tree_driver(world.tree, vf_name(vf), driver);
}

static struct fake_answer plug(struct fake_domain *domain, const char *xml)
{
	const char *mac = strstr(xml, "<mac address='"), *tag = strstr(xml, "<tag id='");
	unsigned vf;

	(void)domain;
	if (!strstr(xml, "type='hostdev'"))
		return (struct fake_answer){ 0 };
	vf = vf_of(xml);
	assert_non_null(mac);
	assert_non_null(tag);
	set_driver(vf, "vfio-pci");
	open_by_qemu(vf);
	assert_int_equal(mac_parse(strndupa(mac + 14, 17), &world.kernel->vfs[vf].mac), 0);
	world.kernel->vfs[vf].vlan = (uint16_t)atoi(tag + 9);
	world.kernel->vfs[vf].proto = world.kernel->vfs[vf].vlan ? 0x8100 : 0;
	world.kernel->vfs[vf].qos = 0;
	return (struct fake_answer){ 0 };
}

static unsigned vf_with_alias(const struct fake_domain *domain, const char *alias)
{
	const char *at = strstr(domain->live, alias), *interface = domain->live, *next;

	assert_non_null(at);
	while ((next = strstr(interface + 1, "<interface")) && next < at)
		interface = next;
	return vf_of(interface);
}

/* As libvirt does: the former MAC and VLAN id, and nothing else. */
static void release(unsigned vf)
{
	close_by_qemu(vf);
	set_driver(vf, "igbvf");
	world.kernel->vfs[vf].mac = before(vf).mac;
	world.kernel->vfs[vf].vlan = before(vf).vlan;
	world.kernel->vfs[vf].proto = 0x8100;
}

static struct fake_answer unplug(struct fake_domain *domain, const char *alias, bool *removed)
{
	if (!strstr(alias, "standby"))
		release(vf_with_alias(domain, alias));
	*removed = true;
	return (struct fake_answer){ 0 };
}

static struct fake_answer say_nothing(struct fake_domain *domain, const char *alias, bool *removed)
{
	(void)domain;
	(void)alias;
	*removed = false;
	return (struct fake_answer){ 0 };
}

/* --- The world --------------------------------------------------------------------------------- */

static void add_domain(const char *name, const char *uuid, unsigned ports)
{
	struct fake_domain *domain = &world.libvirt->domains[world.libvirt->count++];
	size_t length;

	*domain = (struct fake_domain){ .running = true, .persistent = true };
	snprintf(domain->name, sizeof(domain->name), "%s", name);
	snprintf(domain->uuid, sizeof(domain->uuid), "%s", uuid);
	length = (size_t)snprintf(domain->config, sizeof(domain->config),
			"<domain type='kvm'><name>%s</name><uuid>%s</uuid>"
			"<memory unit='KiB'>524288</memory>"
			"<os><type arch='x86_64' machine='pc-q35-9.2'>hvm</type></os><devices>"
			"<controller type='pci' index='0' model='pcie-root'/>",
			name, uuid);
	for (unsigned i = 1; i <= ports; i++)
		length += (size_t)snprintf(domain->config + length, sizeof(domain->config) - length,
				"<controller type='pci' index='%u' model='pcie-root-port'/>", i);
	snprintf(domain->config + length, sizeof(domain->config) - length, "</devices></domain>");
	memcpy(domain->live, domain->config, sizeof(domain->live));
}

static void catalog_file(const char *path, const char *text)
{
	tree_file(world.tree, path, text);
}

static int bind_igbvf(struct tree *tree, const char *value)
{
	(void)tree;
	for (unsigned vf = 0; vf < VFS; vf++) {
		if (!strcmp(value, vf_name(vf)))
			set_driver(vf, "igbvf");
	}
	return 0;
}

static int unbind(struct tree *tree, const char *value)
{
	CLEANUP(cleanup_free) char *link = text_format("sys/bus/pci/devices/%s/driver", value);

	tree_remove(tree, link);
	return 0;
}

static char unbinds[VFS][64];

static int set_up(void **state)
{
	void *handle = dlopen("libvirt.so.0", RTLD_NOW);
	fake_libvirt_fn *find = NULL;
	void *symbol = handle ? dlsym(handle, "fake_libvirt") : NULL;
	struct err err = { 0 };

	(void)state;
	if (!symbol) {
		fprintf(stderr, "no fake libvirt: set LD_LIBRARY_PATH as meson.build does\n");
		abort();
	}
	memcpy(&find, &symbol, sizeof(find));
	world = (struct world){ .tree = tree_igb(VFS), .libvirt = find() };
	world.libvirt->count = 0;
	world.libvirt->attach = plug;
	world.libvirt->detach = unplug;
	world.libvirt->drops_nic = false;
	world.libvirt->hangs = world.libvirt->attached = world.libvirt->detached = 0;
	world.kernel = fake_rtnetlink_new("eth0", VFS);
	world.kernel->up = true;
	for (unsigned vf = 0; vf < VFS; vf++) {
		CLEANUP(cleanup_free)
		char *net = text_format("sys/bus/pci/devices/%s/net", vf_name(vf));

		world.kernel->vfs[vf] = before(vf);
		tree_remove(world.tree, net);
		snprintf(unbinds[vf], sizeof(unbinds[vf]), "sys/bus/pci/devices/%s/driver/unbind",
				vf_name(vf));
		tree_on_write(world.tree, unbinds[vf], unbind);
	}
	tree_file(world.tree, "run/libvirt/libvirt-sock", "");
	tree_file(world.tree, "proc/sys/kernel/random/boot_id", "boot-1\n");
	tree_file(world.tree, "proc/812/comm", "qemu-system-x86\n");
	tree_file(world.tree, "proc/812/fd/keep", "");
	tree_file(world.tree, "sys/bus/pci/drivers/vfio-pci/bind", "");
	catalog_file("etc/vfctl/networks/red.network", "[Network]\nVM=yes\nVLANId=10\n");
	catalog_file("etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=200\n");
	tree_on_write(world.tree, "sys/bus/pci/drivers/igbvf/bind", bind_igbvf);
	add_domain("web1", UUID, 4);
	add_domain("web2", UUID2, 4);
	if (hypervisor_open(world.tree->host, &world.hypervisor, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		abort();
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	hypervisor_close(world.hypervisor);
	diagnostics_free(&world.notes);
	tree_hooks_forget();
	tree_free(world.tree);
	return 0;
}

static int attach_with(struct attach_request request, struct attach *attach, struct err *err)
{
	int rc;

	request.wait_s = 5;
	request.vm = request.vm ? request.vm : "web1";
	request.profile = request.profile ? request.profile : "fast";
	rc = attach_plan(world.tree->host, world.hypervisor, &request, attach, err);
	return rc ? rc : attach_run(world.tree->host, &world.hypervisor, attach, &world.notes, err);
}

static void attach_well(struct attach_request request)
{
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	struct err err = { 0 };

	if (attach_with(request, &attach, &err) < 0)
		fail_msg("%s", err.msg);
}

static int detach_with(const char *vm, const char *nic, int limit_s, struct err *err)
{
	const struct detach_request request = {
		.vm = vm, .nic = nic, .limit_s = limit_s, .wait_s = 5
	};
	struct detach detach = { 0 };
	int rc = detach_plan(world.tree->host, world.hypervisor, &request, &detach, err);

	return rc ? rc
		  : detach_run(world.tree->host, &world.hypervisor, &detach, &world.notes, err);
}

static void assert_untouched(unsigned vf)
{
	struct vf_settings was = before(vf);
	char driver[NAME_ROOM] = "";
	struct bdf bdf;

	if (vf_settings_difference(&was, &world.kernel->vfs[vf]))
		fail_msg("VF %u has other settings than before (%s)", vf,
				world.notes.count ? world.notes.lines[world.notes.count - 1] : "");
	assert_int_equal(bdf_parse(vf_name(vf), &bdf), 0);
	function_link(world.tree->host, bdf, "driver", driver, sizeof(driver));
	assert_string_equal(driver, "igbvf");
	assert_int_equal(reservation_read(world.tree->host, bdf, &(struct reservation){ 0 }, NULL),
			-ENOENT);
}

static size_t count_vnics(void)
{
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };

	assert_int_equal(catalog_open(world.tree->host, &catalog, NULL), 0);
	return catalog.vnics.count;
}

static void assert_nothing_happened(void)
{
	for (unsigned vf = 0; vf < VFS; vf++)
		assert_untouched(vf);
	assert_null(strstr(world.libvirt->domains[0].live, "<interface"));
	assert_int_equal(count_vnics(), 0);
}

/* --- Attach ------------------------------------------------------------------------------------ */

static void gives_a_vf_the_networks_vlan_and_the_profiles_rate(void **state)
{
	const struct vf_settings *vf = &world.kernel->vfs[0];
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };

	(void)state;
	attach_well((struct attach_request){ .mac = "52:54:00:00:00:77" });
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
	for (unsigned i = 1; i < VFS; i++)
		assert_untouched(i);
}

static void gives_two_machines_two_vfs(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VFS; i++)
		attach_well((struct attach_request){ .vm = i % 2 ? "web1" : "web2" });
	for (unsigned i = 0; i < VFS; i++)
		assert_int_equal(world.kernel->vfs[i].vlan, 10);
	assert_int_equal(count_vnics(), VFS);
}

static void refuses(const char *name, struct attach_request request, const char *words)
{
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	struct err err = { 0 };

	assert_true(attach_with(request, &attach, &err) < 0);
	if (name && (!err.refusal || strcmp(err.refusal, name) != 0))
		fail_msg("not refused as %s: %s", name, err.msg);
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
	catalog_file("etc/vfctl/allow/a.allow", "[Match]\nPath=0000:01:00.0\n[Allow]\nAll=no\n");
	refuses("no-suitable-vf", (struct attach_request){ 0 }, "may not carry red");
	catalog_file("etc/vfctl/allow/a.allow",
			"[Match]\nPath=0000:01:00.0\n[Allow]\nAll=no\nNetworks=red\n");
	catalog_file("etc/vfctl/networks/red.network", "[Network]\nVM=yes\nMTUBytes=9000\n");
	refuses("no-suitable-vf", (struct attach_request){ 0 }, "MTU is 1500");
	catalog_file("etc/vfctl/networks/red.network", "[Network]\nVM=yes\nVLANId=10\n");
	world.kernel->up = false;
	refuses("no-suitable-vf", (struct attach_request){ 0 }, "ip link set eth0 up");
	world.kernel->up = true;
	attach_well((struct attach_request){ 0 });
}

static void passes_over_vfs_that_are_held_or_promised(void **state)
{
	struct fake_domain *other = &world.libvirt->domains[1];
	char *end = strstr(other->config, "</devices>");

	(void)state;
	set_driver(0, "vfio-pci");
	open_by_qemu(0);
	strcpy(end,
			"<interface type='hostdev'><source><address type='pci' domain='0x0000' bus='0x01' "
			"slot='0x10' function='0x2'/></source><mac address='02:00:00:00:00:55'/></interface>"
			"</devices></domain>");
	tree_remove(world.tree, "sys/bus/pci/devices/0000:01:10.4/iommu_group");
	attach_well((struct attach_request){ 0 });
	assert_int_equal(world.kernel->vfs[3].vlan, 10);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(world.kernel->vfs[i].vlan, before(i).vlan);
}

static void takes_the_vf_that_is_named(void **state)
{
	(void)state;
	attach_well((struct attach_request){ .vf = "eth0/2" });
	assert_int_equal(world.kernel->vfs[2].vlan, 10);
	attach_well((struct attach_request){ .vf = "0000:01:10.2" });
	assert_int_equal(world.kernel->vfs[1].vlan, 10);
}

#define BRIDGED "[Network]\nVM=yes\nVLANId=10\nBridge=br0\n"

static void gives_both_nics_of_a_failover_pair(void **state)
{
	const char *live = world.libvirt->domains[0].live;

	(void)state;
	catalog_file("etc/vfctl/networks/red.network", BRIDGED);
	catalog_file("etc/vfctl/profiles/slow.profile", "[Profile]\nNetwork=red\n");
	catalog_file("etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nMigratable=yes\nFailover=slow\n");
	refuses("network-has-no-bridge", (struct attach_request){ 0 }, "br0");
	tree_file(world.tree, "sys/class/net/br0/bridge/bridge_id", "");
	attach_well((struct attach_request){ .mac = "52:54:00:00:00:77" });
	assert_non_null(strstr(live, "ua-nic1-standby"));
	assert_non_null(strstr(live, "<alias name='ua-nic1'/>"));
	assert_non_null(strstr(live, "persistent='ua-nic1-standby'"));
	assert_int_equal(detach_with("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

static void falls_back_only_where_the_profile_says_so(void **state)
{
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	struct err err = { 0 };

	(void)state;
	catalog_file("etc/vfctl/networks/red.network", BRIDGED);
	tree_file(world.tree, "sys/class/net/br0/bridge/bridge_id", "");
	world.kernel->up = false;
	refuses("no-suitable-vf", (struct attach_request){ 0 }, "ip link set eth0 up");
	catalog_file("etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nFallback=yes\n");
	assert_int_equal(attach_with((struct attach_request){ 0 }, &attach, &err), 0);
	assert_true(attach.fell_back);
	assert_non_null(strstr(world.libvirt->domains[0].live, "<interface type='bridge'"));
	for (unsigned i = 0; i < VFS; i++)
		assert_untouched(i);
}

static void refuses_a_machine_without_a_spare_port(void **state)
{
	(void)state;
	world.libvirt->count = 1;
	add_domain("full", UUID2, 1);
	attach_well((struct attach_request){ .vm = "full" });
	/* The fake gives a device no place in the guest: this one has no port at all. */
	world.libvirt->count = 1;
	add_domain("full", UUID2, 0);
	strcpy(world.libvirt->domains[1].live, world.libvirt->domains[1].config);
	assert_int_equal(world.libvirt->attached, 1);
	world.libvirt->attached = 0;
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
	unsigned vf = vf_of(xml);

	(void)domain;
	world.kernel->vfs[vf].mac = (struct mac){ { 2 } };
	set_driver(vf, "vfio-pci");
	return (struct fake_answer){ 1, "internal error: cannot set vlan" };
}

static struct fake_answer plug_without_qemu(struct fake_domain *domain, const char *xml)
{
	struct fake_answer answer = plug(domain, xml);

	close_by_qemu(vf_of(xml));
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
		assert_true(attach_with((struct attach_request){ 0 }, &attach, &err) < 0);
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
	assert_true(attach_with((struct attach_request){ 0 }, &attach, &err) < 0);
	assert_says(err.msg, "reports success");
	assert_nothing_happened();
}

/* Others do not ask the manager. */
static struct fake_answer lose_vf_0(struct fake_domain *domain, const char *xml)
{
	if (vf_of(xml))
		return plug(domain, xml);
	return (struct fake_answer){ 1,
		"Requested operation is not valid: PCI device 0000:01:10.0 is "
		"in use by driver QEMU, domain other" };
}

static void goes_on_with_the_next_vf_if_another_was_faster(void **state)
{
	(void)state;
	world.libvirt->attach = lose_vf_0;
	attach_well((struct attach_request){ 0 });
	assert_untouched(0);
	assert_int_equal(world.kernel->vfs[1].vlan, 10);
	assert_int_equal(world.notes.count, 1);
}

/* --- Detach ------------------------------------------------------------------------------------ */

static void puts_back_all_settings(void **state)
{
	struct err err = { 0 };

	(void)state;
	attach_well((struct attach_request){ 0 });
	if (detach_with("web1", "nic1", 5, &err) < 0)
		fail_msg("%s", err.msg);
	assert_nothing_happened();
}

static void finds_the_nic_by_each_of_its_names(void **state)
{
	static const char *const names[] = { "nic1", "ua-nic1", "52:54:00:00:00:77",
		"0000:01:10.0" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct err err = { 0 };

		attach_well((struct attach_request){ .mac = "52:54:00:00:00:77" });
		if (detach_with("web1", names[i], 5, &err) < 0)
			fail_msg("%s: %s", names[i], err.msg);
		assert_nothing_happened();
	}
}

static void leaves_the_nic_to_a_guest_that_does_not_react(void **state)
{
	struct err err = { 0 };

	(void)state;
	attach_well((struct attach_request){ 0 });
	world.libvirt->detach = say_nothing;
	assert_int_equal(detach_with("web1", "nic1", 2, &err), -ETIMEDOUT);
	assert_says(err.msg, "does not release");
	assert_int_equal(world.kernel->vfs[0].vlan, 10);
	assert_int_equal(world.kernel->vfs[0].max_rate, 200);
	world.libvirt->detach = unplug;
	assert_int_equal(detach_with("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

static struct fake_answer refuse_by_guest(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	*removed = false;
	world.libvirt->refused(domain, alias);
	return (struct fake_answer){ 0 };
}

static void says_that_the_guest_refuses(void **state)
{
	struct err err = { 0 };

	(void)state;
	attach_well((struct attach_request){ 0 });
	world.libvirt->detach = refuse_by_guest;
	assert_int_equal(detach_with("web1", "nic1", 30, &err), -EPERM);
	assert_says(err.msg, "refuses");
}

/* The event came while nobody listened; the XML tells. */
static struct fake_answer remove_without_event(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	release(vf_with_alias(domain, alias));
	world.libvirt->remove(domain, alias);
	*removed = false;
	return (struct fake_answer){ 0 };
}

static void needs_no_event(void **state)
{
	(void)state;
	attach_well((struct attach_request){ 0 });
	world.libvirt->detach = remove_without_event;
	assert_int_equal(detach_with("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

/* QEMU before 5.2 forgets the first request when the second comes too early. */
static struct fake_answer be_busy_first(
		struct fake_domain *domain, const char *alias, bool *removed)
{
	if (world.libvirt->detached > 1)
		return remove_without_event(domain, alias, removed);
	*removed = false;
	return (struct fake_answer){ 1,
		"internal error: unable to execute QEMU command 'device_del': "
		"Device ua-nic1 is already in the process of unplug" };
}

static void waits_where_an_unplug_is_under_way(void **state)
{
	(void)state;
	attach_well((struct attach_request){ 0 });
	world.libvirt->detach = be_busy_first;
	assert_int_equal(detach_with("web1", "nic1", 40, NULL), 0);
	assert_int_equal(world.libvirt->detached, 2);
	assert_nothing_happened();
}

static struct fake_answer stop(struct fake_domain *domain, const char *alias, bool *removed)
{
	release(vf_with_alias(domain, alias));
	strcpy(domain->live, domain->config);
	world.libvirt->stopped(domain);
	*removed = false;
	return (struct fake_answer){ 0 };
}

static void is_done_when_the_machine_ends(void **state)
{
	(void)state;
	attach_well((struct attach_request){ 0 });
	world.libvirt->detach = stop;
	assert_int_equal(detach_with("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

/* --- After the end of machines and managers ----------------------------------------------------- */

static void settle(void)
{
	CLEANUP(cleanup_fd) int lock = -1;

	assert_int_equal(lock_take(world.tree->host, "test", 5, &lock, NULL), 0);
	reservations_settle(world.tree->host, &world.notes);
}

static void gives_back_the_vf_of_a_machine_that_ended(void **state)
{
	(void)state;
	attach_well((struct attach_request){ 0 });
	settle();
	assert_int_equal(world.notes.count, 0);
	assert_int_equal(world.kernel->vfs[0].max_rate, 200);
	close_by_qemu(0); /* libvirt's daemon has ended before */
	settle();
	assert_untouched(0);
	assert_int_equal(world.notes.count, 1);
	settle();
	assert_int_equal(world.notes.count, 1);
}

static void leaves_a_vf_that_is_being_plugged(void **state)
{
	struct reservation reservation;
	struct bdf vf;

	(void)state;
	attach_well((struct attach_request){ 0 });
	bdf_parse(vf_name(0), &vf);
	assert_int_equal(reservation_read(world.tree->host, vf, &reservation, NULL), 0);
	reservation.stage = RESERVATION_PLUGGING;
	reservation.until_ms = reservation_clock_ms() + 60000;
	assert_int_equal(reservation_save(world.tree->host, &reservation, NULL), 0);
	close_by_qemu(0);
	settle();
	assert_int_equal(world.kernel->vfs[0].vlan, 10);
	reservation.until_ms = reservation_clock_ms() - 1;
	assert_int_equal(reservation_save(world.tree->host, &reservation, NULL), 0);
	settle();
	assert_untouched(0);
}

/* Killed between libvirt's success and its own end. */
static void completes_what_a_killed_manager_began(void **state)
{
	struct reservation reservation;
	struct bdf vf;

	(void)state;
	attach_well((struct attach_request){ 0 });
	bdf_parse(vf_name(0), &vf);
	assert_int_equal(reservation_read(world.tree->host, vf, &reservation, NULL), 0);
	reservation.stage = RESERVATION_PLUGGING;
	reservation.until_ms = reservation_clock_ms() - 1;
	assert_int_equal(reservation_save(world.tree->host, &reservation, NULL), 0);
	world.kernel->vfs[0].max_rate = 0;
	settle();
	assert_int_equal(world.kernel->vfs[0].max_rate, 200);
	assert_int_equal(reservation_read(world.tree->host, vf, &reservation, NULL), 0);
	assert_int_equal(reservation.stage, RESERVATION_PLUGGED);
	assert_int_equal(detach_with("web1", "nic1", 5, NULL), 0);
	assert_nothing_happened();
}

static void ignores_reservations_of_another_boot(void **state)
{
	struct reservation reservation;
	struct bdf vf;

	(void)state;
	attach_well((struct attach_request){ 0 });
	tree_file(world.tree, "proc/sys/kernel/random/boot_id", "boot-2\n");
	bdf_parse(vf_name(0), &vf);
	assert_int_equal(reservation_read(world.tree->host, vf, &reservation, NULL), -ENOENT);
}

static void holds_a_vf_whose_reservation_cannot_be_read(void **state)
{
	CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };

	(void)state;
	tree_file(world.tree, "run/vfctl/reservations/0000:01:10.2.json", "{");
	assert_int_equal(pf_fill_state(world.tree->host, &pf, NULL), 0);
	pf_fill_holders(world.tree->host, &pf);
	assert_int_equal(pf.vfs[0].holder.kind, HOLDER_NONE);
	assert_int_equal(pf.vfs[1].holder.kind, HOLDER_UNKNOWN);
}

/* Each of many processes reserves what it finds free; no VF may have two. */
static void gives_no_vf_twice(void **state)
{
	enum { RACERS = 4, ROUNDS = 250 };
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	for (unsigned i = 0; i < RACERS; i++) {
		if (fork())
			continue;
		for (unsigned round = 0; round < ROUNDS; round++) {
			CLEANUP(cleanup_pf) struct pf pf = { .function.bdf = card };
			CLEANUP(cleanup_fd) int lock = -1;
			struct reservation mine = { .pf = card, .stage = RESERVATION_PLUGGED };
			char taken[16];

			if (lock_take(world.tree->host, "race", 30, &lock, NULL) < 0 ||
					pf_fill_state(world.tree->host, &pf, NULL) < 0)
				_exit(1);
			pf_fill_holders(world.tree->host, &pf);
			for (unsigned vf = 0; vf < VFS && !*mine.vm; vf++) {
				if (pf.vfs[vf].holder.kind)
					continue;
				mine.vf = pf.vfs[vf].function.bdf;
				mine.index = vf;
				snprintf(mine.vm, sizeof(mine.vm), "racer%u", i);
			}
			if (!*mine.vm)
				continue;
			if (reservation_save(world.tree->host, &mine, NULL) < 0)
				_exit(1);
			cleanup_fd(&lock);
			lock = -1;
			snprintf(taken, sizeof(taken), "+%u%u\n", i, mine.index);
			if (write(pipes[1], taken, 4) != 4)
				_exit(1);
			if (lock_take(world.tree->host, "race", 30, &lock, NULL) < 0)
				_exit(1);
			taken[0] = '-';
			if (write(pipes[1], taken, 4) != 4 ||
					reservation_remove(world.tree->host, mine.vf, NULL) < 0)
				_exit(1);
		}
		_exit(0);
	}
	close(pipes[1]);
	{
		int owner[VFS] = { -1, -1, -1, -1 }, status;
		unsigned taken = 0;
		char said[5] = "";

		while (read(pipes[0], said, 4) == 4) {
			unsigned vf = (unsigned)(said[2] - '0');

			assert_int_equal(owner[vf], said[0] == '+' ? -1 : said[1] - '0');
			owner[vf] = said[0] == '+' ? said[1] - '0' : -1;
			taken += said[0] == '+';
		}
		for (unsigned i = 0; i < RACERS; i++) {
			assert_true(wait(&status) > 0);
			assert_int_equal(status, 0);
		}
		assert_int_equal(taken, RACERS * ROUNDS);
	}
	close(pipes[0]);
}

/* --- A daemon that does not answer -------------------------------------------------------------- */

static void gives_up_a_daemon_that_hangs(void **state)
{
	struct domain_status status;
	struct err err = { 0 };

	(void)state;
	world.libvirt->hangs = 1;
	assert_int_equal(hypervisor_find(world.hypervisor, "web1", &status, &err), -ETIMEDOUT);
	assert_says(err.msg, "did not answer");
	assert_int_equal(hypervisor_find(world.hypervisor, "web1", &status, NULL), -ETIMEDOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(gives_a_vf_the_networks_vlan_and_the_profiles_rate),
		TEST(gives_two_machines_two_vfs),
		TEST(refuses_what_cannot_be),
		TEST(refuses_cards_that_do_not_fit),
		TEST(passes_over_vfs_that_are_held_or_promised),
		TEST(takes_the_vf_that_is_named),
		TEST(gives_both_nics_of_a_failover_pair),
		TEST(falls_back_only_where_the_profile_says_so),
		TEST(refuses_a_machine_without_a_spare_port),
		TEST(undoes_an_attach_that_fails),
		TEST(does_not_believe_a_success_without_a_nic),
		TEST(goes_on_with_the_next_vf_if_another_was_faster),
		TEST(puts_back_all_settings),
		TEST(finds_the_nic_by_each_of_its_names),
		TEST(leaves_the_nic_to_a_guest_that_does_not_react),
		TEST(says_that_the_guest_refuses),
		TEST(needs_no_event),
		TEST(waits_where_an_unplug_is_under_way),
		TEST(is_done_when_the_machine_ends),
		TEST(gives_back_the_vf_of_a_machine_that_ended),
		TEST(leaves_a_vf_that_is_being_plugged),
		TEST(completes_what_a_killed_manager_began),
		TEST(ignores_reservations_of_another_boot),
		TEST(holds_a_vf_whose_reservation_cannot_be_read),
		TEST(gives_no_vf_twice),
		TEST(gives_up_a_daemon_that_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/vm_world.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apply/lock.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "catalog/catalog_store.h"
#include "sriov/reservation.h"
#include "tests/assert.h"

const struct bdf world_card = { 0, 1, 0, 0 };

struct vm_world world;

const char *world_vf(unsigned vf)
{
	static const char *const names[WORLD_VFS] = { "0000:01:10.0", "0000:01:10.2",
		"0000:01:10.4", "0000:01:10.6" };

	return names[vf];
}

struct vf_settings world_before(unsigned vf)
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

/* --- What libvirt and WORLD_QEMU do to the host ----------------------------------------------------- */

unsigned world_vf_of(const char *xml)
{
	const char *source = strstr(xml, "<source>");
	unsigned slot, function;

	assert_non_null(source);
	source = strstr(source, "slot=");
	assert_int_equal(sscanf(source, "slot='0x%x' function='0x%x'", &slot, &function), 2);
	return (slot - 0x10) * 4 + function / 2;
}

void world_open(unsigned vf)
{
	char path[64], target[40];

	snprintf(path, sizeof(path), "proc/%d/fd/%u", WORLD_QEMU, 20 + vf);
	snprintf(target, sizeof(target), "/dev/vfio/%u", 8 + vf);
	tree_link(world.tree, path, target);
}

void world_close(unsigned vf)
{
	CLEANUP(cleanup_free) char *path = text_format("proc/%d/fd/%u", WORLD_QEMU, 20 + vf);

	tree_remove(world.tree, path);
}

void world_bind(unsigned vf, const char *driver)
{
	CLEANUP(cleanup_free)
	char *link = text_format("sys/bus/pci/devices/%s/driver", world_vf(vf));

	tree_remove(world.tree, link);
	tree_driver(world.tree, world_vf(vf), driver);
}

struct fake_answer world_plug(struct fake_domain *domain, const char *xml)
{
	const char *mac = strstr(xml, "<mac address='"), *tag = strstr(xml, "<tag id='");
	unsigned vf;

	(void)domain;
	if (!strstr(xml, "type='hostdev'"))
		return (struct fake_answer){ 0 };
	vf = world_vf_of(xml);
	assert_non_null(mac);
	assert_non_null(tag);
	world_bind(vf, "vfio-pci");
	world_open(vf);
	assert_int_equal(mac_parse(strndupa(mac + 14, 17), &world.kernel->vfs[vf].mac), 0);
	world.kernel->vfs[vf].vlan = (uint16_t)atoi(tag + 9);
	world.kernel->vfs[vf].proto = world.kernel->vfs[vf].vlan ? 0x8100 : 0;
	world.kernel->vfs[vf].qos = 0;
	return (struct fake_answer){ 0 };
}

static const char *interface_with(const struct fake_domain *domain, const char *alias)
{
	CLEANUP(cleanup_free) char *element = text_format("<alias name='%s'/>", alias);
	const char *at = strstr(domain->live, element), *interface = domain->live, *next;

	assert_non_null(at);
	while ((next = strstr(interface + 1, "<interface")) && next < at)
		interface = next;
	return interface;
}

unsigned world_vf_with(const struct fake_domain *domain, const char *alias)
{
	return world_vf_of(interface_with(domain, alias));
}

/* As libvirt does: the former MAC and VLAN id, and nothing else. */
void world_release(unsigned vf)
{
	world_close(vf);
	world_bind(vf, "igbvf");
	world.kernel->vfs[vf].mac = world_before(vf).mac;
	world.kernel->vfs[vf].vlan = world_before(vf).vlan;
	world.kernel->vfs[vf].proto = 0x8100;
}

struct fake_answer world_unplug(struct fake_domain *domain, const char *alias, bool *removed)
{
	if (!strncmp(interface_with(domain, alias), "<interface type='hostdev'", 25))
		world_release(world_vf_with(domain, alias));
	*removed = true;
	return (struct fake_answer){ 0 };
}

struct fake_answer world_start(struct fake_domain *domain, const char *xml)
{
	for (const char *at = xml; (at = strstr(at, "<interface")); at++) {
		CLEANUP(cleanup_free)
		char *interface = strndup(at, (size_t)(strstr(at, "</interface>") - at));

		world_plug(domain, interface);
	}
	return (struct fake_answer){ 0 };
}

struct fake_answer world_destroy(struct fake_domain *domain)
{
	for (const char *at = domain->live; (at = strstr(at, "<interface type=")); at++) {
		if (!strncmp(strchr(at, '=') + 2, "hostdev", strlen("hostdev")))
			world_release(world_vf_of(at));
	}
	return (struct fake_answer){ 0 };
}

/* --- The world --------------------------------------------------------------------------------- */

void world_add_domain(const char *name, const char *uuid, unsigned ports)
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

void world_file(const char *path, const char *text)
{
	tree_file(world.tree, path, text);
}

static int bind_igbvf(struct tree *tree, const char *value)
{
	(void)tree;
	for (unsigned vf = 0; vf < WORLD_VFS; vf++) {
		if (!strcmp(value, world_vf(vf)))
			world_bind(vf, "igbvf");
	}
	return 0;
}

static int unbind(struct tree *tree, const char *value)
{
	CLEANUP(cleanup_free) char *link = text_format("sys/bus/pci/devices/%s/driver", value);

	tree_remove(tree, link);
	return 0;
}

static char unbinds[WORLD_VFS][64];

static void *library_symbol(const char *name)
{
	void *handle = dlopen("libvirt.so.0", RTLD_NOW);
	void *symbol = handle ? dlsym(handle, name) : NULL;

	if (!symbol) {
		fprintf(stderr, "no fake libvirt: set LD_LIBRARY_PATH as meson.build does\n");
		abort();
	}
	return symbol;
}

struct fake_libvirt *world_daemon(unsigned daemon, const char *file)
{
	void *symbol = library_symbol("fake_libvirt_map");
	__typeof__(fake_libvirt_map) *map;

	memcpy(&map, &symbol, sizeof(map));
	return map(daemon, file);
}

static void hook_libvirt(void)
{
	struct fake_libvirt *libvirt = world.libvirt;

	libvirt->attach = world_plug;
	libvirt->detach = world_unplug;
	libvirt->start = world_start;
	libvirt->destroy = world_destroy;
	libvirt->configure = libvirt->update = libvirt->define = NULL;
	libvirt->migrate = NULL;
	libvirt->stopped_by_migration = NULL;
}

static void hook_tree(void)
{
	for (unsigned vf = 0; vf < WORLD_VFS; vf++) {
		snprintf(unbinds[vf], sizeof(unbinds[vf]), "sys/bus/pci/devices/%s/driver/unbind",
				world_vf(vf));
		tree_on_write(world.tree, unbinds[vf], unbind);
	}
	tree_on_write(world.tree, "sys/bus/pci/drivers/igbvf/bind", bind_igbvf);
}

static void fill_kernel(void)
{
	world.kernel = fake_rtnetlink_new("eth0", WORLD_VFS);
	for (unsigned vf = 0; vf < WORLD_VFS; vf++)
		world.kernel->vfs[vf] = world_before(vf);
}

static void fill_tree(const char *boot_id)
{
	world.tree = tree_igb(WORLD_VFS);
	for (unsigned vf = 0; vf < WORLD_VFS; vf++) {
		CLEANUP(cleanup_free)
		char *net = text_format("sys/bus/pci/devices/%s/net", world_vf(vf));

		tree_remove(world.tree, net);
	}
	tree_file(world.tree, "run/libvirt/libvirt-sock", "");
	tree_file(world.tree, "proc/sys/kernel/random/boot_id", boot_id);
	tree_file(world.tree, "proc/812/comm", "qemu-system-x86\n");
	tree_file(world.tree, "proc/812/fd/keep", "");
	tree_file(world.tree, "sys/bus/pci/drivers/vfio-pci/bind", "");
	world_file("etc/vfctl/networks/red.network", "[Network]\nVM=yes\nVLANId=10\n");
	world_file("etc/vfctl/profiles/fast.profile",
			"[Profile]\nNetwork=red\nPassthrough=yes\nMaxRate=200\n");
}

static void open_world(void)
{
	struct err err = { 0 };

	if (hypervisor_open(world.tree->host, &world.hypervisor, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		abort();
	}
}

int world_begin(void **state)
{
	void *symbol = library_symbol("fake_libvirt");
	__typeof__(fake_libvirt) *find;

	(void)state;
	memcpy(&find, &symbol, sizeof(find));
	world = (struct vm_world){ .libvirt = find() };
	/* All but the functions that the library has set. */
	memset(world.libvirt, 0, offsetof(struct fake_libvirt, remove));
	fill_tree("boot-1\n");
	fill_kernel();
	hook_libvirt();
	hook_tree();
	world_add_domain("web1", WORLD_UUID, 4);
	world_add_domain("web2", WORLD_UUID2, 4);
	open_world();
	return 0;
}

/* --- A second host ----------------------------------------------------------------------------- */

/* What processes share of a kernel; NULL: a process and those that it forks. */
static struct fake_rtnetlink *map_kernel(const char *file)
{
	size_t size = sizeof(struct fake_rtnetlink);
	int fd = file ? open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	void *memory;

	if (file && (fd < 0 || ftruncate(fd, (off_t)size) < 0))
		abort();
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | (file ? 0 : MAP_ANONYMOUS),
			fd, 0);
	if (memory == MAP_FAILED)
		abort();
	if (file)
		close(fd);
	return memory;
}

void world_share(void)
{
	world_daemon(FAKE_HOST, NULL);
	fake_rtnetlink_use(map_kernel(NULL));
}

struct vm_world world_second(void)
{
	struct vm_world first = world, second;

	world = (struct vm_world){ 0 };
	fill_tree("boot-2\n");
	{
		CLEANUP(cleanup_free) char *kernel = text_format("%s/kernel", world.tree->root);
		CLEANUP(cleanup_free) char *libvirt = text_format("%s/libvirt", world.tree->root);

		fake_rtnetlink_use(map_kernel(kernel));
		fill_kernel();
		world.libvirt = world_daemon(FAKE_TARGET, libvirt);
	}
	second = world;
	world = first;
	fake_rtnetlink_use(first.kernel);
	return second;
}

void world_adopt(const char *root)
{
	CLEANUP(cleanup_free) char *kernel = text_format("%s/kernel", root);
	CLEANUP(cleanup_free) char *libvirt = text_format("%s/libvirt", root);

	world = (struct vm_world){ .tree = tree_of(root),
		.kernel = map_kernel(kernel),
		.libvirt = world_daemon(FAKE_HOST, libvirt) };
	world.kernel->name = "eth0";
	fake_rtnetlink_use(world.kernel);
	hook_libvirt();
	hook_tree();
	open_world();
}

static void *run_events(void *run)
{
	int (*run_once)(void);

	memcpy(&run_once, &run, sizeof(run_once));
	while (run_once() >= 0)
		;
	return NULL;
}

void world_after_fork(void)
{
	void *run = library_symbol("virEventRunDefaultImpl");
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_events, run))
		abort();
}

int world_end(void **state)
{
	(void)state;
	hypervisor_close(world.hypervisor);
	diagnostics_free(&world.notes);
	tree_hooks_forget();
	tree_free(world.tree);
	return 0;
}

int world_attach(struct attach_request request, struct attach *attach, struct err *err)
{
	int rc;

	request.wait_s = 5;
	request.vm = request.vm ? request.vm : "web1";
	if (!request.pool && !request.device)
		request.profile = request.profile ? request.profile : "fast";
	rc = attach_plan(world.tree->host, world.hypervisor, &request, attach, err);
	return rc ? rc : attach_run(world.tree->host, &world.hypervisor, attach, &world.notes, err);
}

void world_attach_well(struct attach_request request)
{
	CLEANUP(cleanup_attach) struct attach attach = { 0 };
	struct err err = { 0 };

	if (world_attach(request, &attach, &err) < 0)
		fail_msg("%s", err.msg);
}

int world_detach(const char *vm, const char *nic, int limit_s, struct err *err)
{
	const struct detach_request request = {
		.vm = vm, .nic = nic, .limit_s = limit_s, .wait_s = 5
	};
	struct detach detach = { 0 };
	int rc = detach_plan(world.tree->host, world.hypervisor, &request, &detach, err);

	return rc ? rc
		  : detach_run(world.tree->host, &world.hypervisor, &detach, &world.notes, err);
}

void world_settle(void)
{
	CLEANUP(cleanup_fd) int lock = -1;

	assert_int_equal(lock_take(world.tree->host, "test", 5, &lock, NULL), 0);
	reservations_settle(world.tree->host, &world.notes);
}

void world_age_reservations(void)
{
	CLEANUP(cleanup_free) struct reservation *list = NULL;
	struct diagnostics notes = { 0 };
	size_t count = 0;

	assert_int_equal(reservations_read(world.tree->host, &list, &count, &notes, NULL), 0);
	for (size_t i = 0; i < count; i++) {
		/* It is free with the end of its process. */
		if (list[i].stage == RESERVATION_HELD)
			continue;
		list[i].until_ms = reservation_clock_ms() - 1;
		assert_int_equal(reservation_save(world.tree->host, &list[i], NULL), 0);
	}
}

void assert_untouched(unsigned vf)
{
	struct vf_settings was = world_before(vf);
	char driver[NAME_ROOM] = "";
	struct bdf bdf;

	if (vf_settings_difference(&was, &world.kernel->vfs[vf]))
		fail_msg("VF %u has other settings than before (%s)", vf,
				world.notes.count ? world.notes.lines[world.notes.count - 1] : "");
	assert_int_equal(bdf_parse(world_vf(vf), &bdf), 0);
	function_link(world.tree->host, bdf, "driver", driver, sizeof(driver));
	assert_string_equal(driver, "igbvf");
	assert_int_equal(reservation_read(world.tree->host, bdf, &(struct reservation){ 0 }, NULL),
			-ENOENT);
}

size_t count_vnics(void)
{
	CLEANUP(cleanup_catalog) struct catalog catalog = { 0 };

	assert_int_equal(catalog_open(world.tree->host, &catalog, NULL), 0);
	return catalog.vnics.count;
}

void assert_nothing_happened(void)
{
	for (unsigned vf = 0; vf < WORLD_VFS; vf++)
		assert_untouched(vf);
	assert_null(strstr(world.libvirt->domains[0].live, "<interface"));
	assert_int_equal(count_vnics(), 0);
}

size_t times(const char *xml, const char *words)
{
	size_t count = 0;

	for (; (xml = strstr(xml, words)); xml++)
		count++;
	return count;
}

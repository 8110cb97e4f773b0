/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sriov/holder.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "sriov/pf.h"
#include "tests/assert.h"
#include "tests/tree.h"

static const struct bdf vf0 = { 0, 1, 16, 0 };

static struct holder find(struct tree *tree)
{
	struct vf vf = { .index = 0 };

	assert_int_equal(function_fill(tree->host, vf0, &vf.function, NULL), 0);
	holders_find(tree->host, (struct bdf){ 0, 1, 0, 0 }, &vf, 1);
	return vf.holder;
}

static void finds_a_free_one_free(void **state)
{
	assert_int_equal(find(*state).kind, HOLDER_NONE);
}

/* mlx4 gives a VF an interface on each port of the card. */
static void finds_a_use_of_any_interface(void **state)
{
	struct tree *tree = *state;

	tree_netdev(tree, TREE_VF0, "eth77", 77, 0x1002);
	tree_attribute(tree, TREE_VF0, "net/eth77/dev_port", "1\n");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	tree_attribute(tree, TREE_VF0, "net/eth77/flags", "0x1003\n");
	assert_int_equal(find(tree).kind, HOLDER_UP);
	assert_string_equal(find(tree).what, "eth77");
}

/* The VF itself is free for a guest, and its place in the bridge waits for that guest. */
static void finds_a_use_of_the_representor(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/driver");
	tree_netdev(tree, TREE_PF, "rep0", 77, 0x1002);
	tree_attribute(tree, TREE_PF, "net/rep0/phys_port_name", "pf0vf0\n");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	tree_attribute(tree, TREE_PF, "net/rep0/upper_br0", "");
	assert_int_equal(find(tree).kind, HOLDER_REPRESENTOR);
	assert_string_equal(find(tree).what, "rep0");
	assert_says(find(tree).known, "/sys/class/net/rep0/upper_br0");
	tree_attribute(tree, TREE_PF, "net/rep0/phys_port_name", "pf0vf1\n");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	tree_attribute(tree, TREE_PF, "net/rep0/phys_port_name", "c1pf0vf0\n");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
}

static void finds_an_interface_that_is_up(void **state)
{
	struct tree *tree = *state;

	tree_attribute(tree, TREE_VF0, "net/eth1/flags", "0x1003\n");
	assert_int_equal(find(tree).kind, HOLDER_UP);
	assert_string_equal(find(tree).what, "eth1");
}

static void finds_what_stands_on_it(void **state)
{
	struct tree *tree = *state;

	tree_attribute(tree, TREE_VF0, "net/eth1/flags", "0x1003\n");
	tree_attribute(tree, TREE_VF0, "net/eth1/upper_br0", "");
	assert_int_equal(find(tree).kind, HOLDER_STACKED);
	assert_string_equal(find(tree).what, "br0");
}

static void tells_what_kind_stands_on_it(void **state)
{
	static const struct {
		const char *upper, *file, *content;
		enum holder_kind kind;
	} kinds[] = {
		{ "lan5", "uevent", "DEVTYPE=vlan\nINTERFACE=lan5\nIFINDEX=9\n", HOLDER_VLAN },
		{ "tap0", "macvtap/tap9/dev", "241:1\n", HOLDER_MACVTAP },
		{ "br0", "uevent", "DEVTYPE=bridge\nINTERFACE=br0\n", HOLDER_BRIDGE },
		{ "bond0", "uevent", "DEVTYPE=bond\nINTERFACE=bond0\n", HOLDER_BOND },
		{ "team0", "uevent", "INTERFACE=team0\n", HOLDER_STACKED },
		{ "ovs-system", "uevent", "INTERFACE=ovs-system\n", HOLDER_OVS },
		{ "odd0", "uevent", "INTERFACE=odd0\n", HOLDER_STACKED },
	};
	char path[80];

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct tree *tree = tree_igb(1);
		struct holder holder;

		snprintf(path, sizeof(path), "net/eth1/upper_%s", kinds[i].upper);
		tree_attribute(tree, TREE_VF0, path, "");
		snprintf(path, sizeof(path), "sys/class/net/%s/%s", kinds[i].upper, kinds[i].file);
		tree_file(tree, path, kinds[i].content);
		/* As in the kernel: the files beside it exist, too. */
		snprintf(path, sizeof(path), "sys/class/net/%s/uevent", kinds[i].upper);
		if (!host_exists(tree->host, path))
			tree_file(tree, path, "INTERFACE=x\n");
		holder = find(tree);
		tree_free(tree);
		assert_int_equal(holder.kind, kinds[i].kind);
		assert_string_equal(holder.what, kinds[i].upper);
	}
}

static void knows_a_virtual_machine_by_its_name(void **state)
{
	static const char words[] = "qemu-system-x86_64\0-name\0guest=mail,debug-threads=on\0-S";
	struct tree *tree = *state;
	CLEANUP(cleanup_free) char *path = text_format("%s/proc/812/cmdline", tree->root);
	CLEANUP(cleanup_file) FILE *file = NULL;

	tree_file(tree, "dev/vfio/8", "");
	tree_file(tree, "proc/812/comm", "qemu-system-x86\n");
	tree_link(tree, "proc/812/fd/7", "/dev/vfio/8");
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(words, 1, sizeof(words), file), sizeof(words));
	fflush(file);
	assert_int_equal(find(tree).kind, HOLDER_VM);
	assert_string_equal(find(tree).what, "mail (qemu-system-x86, pid 812)");
}

/* A process that has nothing open: the processes of the tree are known. */
static void add_process(struct tree *tree)
{
	tree_file(tree, "proc/1/comm", "systemd\n");
	tree_link(tree, "proc/1/fd/0", "/dev/null");
}

static void finds_an_interface_in_another_namespace(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net/eth1");
	assert_int_equal(find(tree).kind, HOLDER_NAMESPACE);
	assert_null(holder_word(&(struct holder){ .kind = HOLDER_NAMESPACE }));
}

static void takes_no_interface_anywhere_for_free(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	assert_says(find(tree).known, "its driver igbvf shows no interface");
	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/driver");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	assert_string_equal(find(tree).known, "no driver is bound");
}

/* The folder of a virtio interface is below the virtio device of the function. */
static void finds_a_virtio_interface_in_another_namespace(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	tree_driver(tree, TREE_VF0, "virtio-pci");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	tree_attribute(tree, TREE_VF0, "virtio3/net/x", "");
	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/virtio3/net/x");
	assert_int_equal(find(tree).kind, HOLDER_NAMESPACE);
}

static void holds_what_an_unknown_driver_has(void **state)
{
	static const char *const drivers[] = { "nvme", "qat_4xxxvf", "xen-pciback", "somevf" };
	struct tree *tree = *state;

	add_process(tree);
	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		struct holder holder;

		tree_driver(tree, TREE_VF0, drivers[i]);
		holder = find(tree);
		assert_int_equal(holder.kind, HOLDER_DRIVER);
		assert_string_equal(holder_word(&holder), drivers[i]);
		assert_false(holder_yields(&holder, NULL));
		assert_false(holder_yields(&holder, "igbvf"));
		assert_true(holder_yields(&holder, drivers[i]));
	}
}

/* For each driver that hands VFs to processes: first the processes are unknown, then known. */
static void holds_what_processes_unseen_may_have(void **state)
{
	static const char *const drivers[] = { "uio_pci_generic", "igb_uio", "vfio-pci",
		"mlx5_vfio_pci" };
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		struct holder holder;

		tree_driver(tree, TREE_VF0, drivers[i]);
		tree_remove(tree, "proc");
		holder = find(tree);
		assert_int_equal(holder.kind, HOLDER_UNKNOWN);
		assert_string_equal(holder_word(&holder), drivers[i]);
		assert_says(holder.known, "processes");
		add_process(tree);
		holder = find(tree);
		assert_int_equal(holder.kind, HOLDER_NONE);
		assert_says(holder.known, "no process has it open through");
	}
}

/* A device that the driver, or the kernel layer above it, created for the VF. */
static void finds_the_process_with_a_device_of_any_kind(void **state)
{
	static const struct {
		const char *driver, *folder, *node;
	} devices[] = {
		{ "uio_pci_generic", "uio/uio4", "/dev/uio4" },
		{ "mlx5_core", "infiniband_verbs/uverbs3", "/dev/infiniband/uverbs3" },
		{ "mlx5_core", "infiniband_mad/umad6", "/run/jail/dev/infiniband/umad6" },
		{ "mlx5_core", "mlx5_core.vnet.2/vdpa0/vhost-vdpa-1", "/dev/vhost-vdpa-1" },
		{ "nvme", "nvme/nvme2/ng2n1", "/dev/ng2n1" },
		{ "xe", "drm/renderD129", "/dev/dri/renderD129" },
		{ "vfio-pci", "vfio-dev/vfio3", "/newroot/dev/vfio/devices/vfio3" },
	};
	char path[120];

	(void)state;
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		struct tree *tree = tree_igb(1);
		struct holder holder;

		tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
		tree_driver(tree, TREE_VF0, devices[i].driver);
		snprintf(path, sizeof(path), "%s/dev", devices[i].folder);
		tree_attribute(tree, TREE_VF0, path, "240:1\n");
		tree_file(tree, "proc/77/comm", "dpdk-testpmd\n");
		tree_link(tree, "proc/77/fd/9", devices[i].node);
		holder = find(tree);
		tree_remove(tree, "proc/77/fd/9");
		tree_link(tree, "proc/77/fd/9", "/dev/uio40");
		assert_int_not_equal(find(tree).kind, HOLDER_OPEN);
		assert_int_not_equal(find(tree).kind, HOLDER_VFIO);
		tree_free(tree);
		assert_int_equal(holder.kind, i == 6 ? HOLDER_VFIO : HOLDER_OPEN);
		assert_string_equal(holder.what, "dpdk-testpmd (pid 77)");
		assert_says(holder.known, "is open in ");
		assert_says(holder.known, "/proc/77/fd");
		assert_null(holder_word(&holder));
	}
}

static void finds_the_process_with_a_bar(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "proc/77/comm", "tool\n");
	tree_link(tree, "proc/77/fd/3",
			"/sys/devices/pci0000:00/0000:00:01.0/" TREE_VF0 "/resource0");
	assert_int_equal(find(tree).kind, HOLDER_OPEN);
}

/* A second DPDK process gets the device from the first, which may have ended. */
static void holds_all_while_a_vfio_device_has_no_name(void **state)
{
	struct tree *tree = *state;

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	tree_driver(tree, TREE_VF0, "vfio-pci");
	tree_file(tree, "proc/77/comm", "secondary\n");
	tree_link(tree, "proc/77/fd/3", "anon_inode:[vfio-device]");
	assert_int_equal(find(tree).kind, HOLDER_UNKNOWN);
	assert_says(find(tree).known, "secondary (pid 77)");
	tree_link(tree, "proc/77/fd/4", "/dev/vfio/99");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	tree_driver(tree, TREE_VF0, "uio_pci_generic");
	tree_remove(tree, "proc/77/fd/4");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
}

static void finds_a_vdpa_device(void **state)
{
	struct tree *tree = *state;

	tree_link(tree, "sys/bus/vdpa/devices/tenant-a",
			"../../../devices/pci0000:00/0000:00:01.0/0000:01:10.2/tenant-a");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	tree_link(tree, "sys/bus/vdpa/devices/tenant-b",
			"../../../devices/pci0000:00/0000:00:01.0/" TREE_VF0 "/tenant-b");
	assert_int_equal(find(tree).kind, HOLDER_VDPA);
	assert_string_equal(find(tree).what, "tenant-b");
}

static void finds_a_disk_in_use(void **state)
{
	static const struct {
		const char *file, *text;
		bool used;
	} uses[] = {
		{ "proc/mounts", "/dev/nvme1n1p2 /srv ext4 rw 0 0\n", true },
		{ "proc/1/mounts", "tmpfs /run tmpfs rw 0 0\n/dev/nvme1n1 /x xfs rw 0 0\n", true },
		{ "proc/swaps", "Filename Type\n/dev/nvme1n1p1 partition 8 0 -2\n", true },
		{ "sys/class/block/nvme1n1/holders/dm-0/dev", "253:0\n", true },
		{ "proc/mounts", "/dev/nvme1n10 /srv ext4 rw 0 0\n", false },
		{ "proc/mounts", "/dev/nvme2n1 /srv ext4 rw 0 0\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
		struct tree *tree = tree_igb(1);
		const char *disk = "sys/devices/pci0000:00/0000:00:01.0/" TREE_VF0
				   "/nvme/nvme1/nvme1n1";
		CLEANUP(cleanup_free) char *target = text_format("../../../%s", disk);
		struct holder holder;

		tree_attribute(tree, TREE_VF0, "class", "0x010802\n");
		tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
		tree_driver(tree, TREE_VF0, "nvme");
		tree_link(tree, "sys/class/block/nvme1n1", target);
		tree_file(tree,
				"sys/devices/pci0000:00/0000:00:01.0/" TREE_VF0
				"/nvme/nvme1/nvme1n1/size",
				"8\n");
		tree_file(tree, uses[i].file, uses[i].text);
		holder = find(tree);
		tree_free(tree);
		assert_int_equal(holder.kind, uses[i].used ? HOLDER_BLOCK : HOLDER_DRIVER);
		if (uses[i].used)
			assert_null(holder_word(&holder));
	}
}

static void finds_the_process_with_the_group(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };

	tree_remove(tree, "sys/bus/pci/devices/" TREE_VF0 "/net");
	tree_driver(tree, TREE_VF0, "vfio-pci");
	tree_file(tree, "proc/812/comm", "qemu-system-x86\n");
	tree_link(tree, "proc/812/fd/5", "/dev/vfio/vfio");
	tree_link(tree, "proc/812/fd/6", "/dev/vfio/9");
	assert_int_equal(find(tree).kind, HOLDER_NONE);
	tree_link(tree, "proc/812/fd/7", "/dev/vfio/8");
	assert_int_equal(find(tree).kind, HOLDER_VFIO);
	assert_string_equal(find(tree).what, "qemu-system-x86 (pid 812)");
	assert_int_equal(holder_check_vfio(tree->host, vf0, &err), -EBUSY);
	assert_says(err.msg, "pid 812");
}

static void finds_the_process_with_the_device(void **state)
{
	struct tree *tree = *state;

	tree_file(tree, "dev/vfio/devices/vfio3", "");
	tree_attribute(tree, TREE_VF0, "vfio-dev/vfio3/dev", "510:3\n");
	tree_file(tree, "proc/9/comm", "cloud-hyperviso\n");
	tree_link(tree, "proc/9/fd/7", "/newroot/dev/vfio/devices/vfio3");
	assert_int_equal(find(tree).kind, HOLDER_VFIO);
}

static void says_how_to_let_go(void **state)
{
	char text[240];

	(void)state;
	for (int kind = HOLDER_NAMESPACE; kind < HOLDER_KINDS; kind++) {
		struct holder holder = { .kind = (enum holder_kind)kind, .what = "eth1" };

		assert_says(holder_text(&holder, text, sizeof(text)), ": ");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_a_free_one_free, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_a_use_of_any_interface, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_a_use_of_the_representor, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_an_interface_that_is_up, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(finds_what_stands_on_it, tree_setup, tree_teardown),
		cmocka_unit_test(tells_what_kind_stands_on_it),
		cmocka_unit_test_setup_teardown(
				knows_a_virtual_machine_by_its_name, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_an_interface_in_another_namespace, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				takes_no_interface_anywhere_for_free, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(finds_a_virtio_interface_in_another_namespace,
				tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				holds_what_an_unknown_driver_has, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				holds_what_processes_unseen_may_have, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_the_process_with_a_bar, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(holds_all_while_a_vfio_device_has_no_name,
				tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(finds_a_vdpa_device, tree_setup, tree_teardown),
		cmocka_unit_test(finds_the_process_with_a_device_of_any_kind),
		cmocka_unit_test(finds_a_disk_in_use),
		cmocka_unit_test_setup_teardown(
				finds_the_process_with_the_group, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(
				finds_the_process_with_the_device, tree_setup, tree_teardown),
		cmocka_unit_test(says_how_to_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

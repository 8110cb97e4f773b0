/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tree.h"

#include <err.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define FUNCTIONS "sys/bus/pci/devices"

struct tree *tree_new(void)
{
	char name[] = "/tmp/vfcert-tree-XXXXXX";

	if (!mkdtemp(name))
		err(1, "cannot make a temporary folder");
	return tree_of(name);
}

struct tree *tree_of(const char *root)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	struct err cause = { 0 };

	if (!tree)
		abort();
	snprintf(tree->root, sizeof(tree->root), "%s", root);
	if (host_open(tree->root, &tree->host, &cause) < 0)
		errx(1, "%s", cause.msg);
	return tree;
}

void tree_free(struct tree *tree)
{
	struct err cause = { 0 };

	if (!tree)
		return;
	host_close(tree->host);
	if (file_remove_tree(tree->root, &cause) < 0)
		errx(1, "%s", cause.msg);
	free(tree);
}

/* Returns the absolute path of a place, after creating the folders above it. */
static char *place_for(struct tree *tree, const char *path)
{
	char *whole = text_format("%s/%s", tree->root, path);
	CLEANUP(cleanup_free) char *copy = text_format("%s", whole);
	struct err cause = { 0 };

	if (file_make_dirs(dirname(copy), 0755, &cause) < 0)
		errx(1, "%s", cause.msg);
	return whole;
}

void tree_file(struct tree *tree, const char *path, const char *content)
{
	CLEANUP(cleanup_free) char *whole = place_for(tree, path);
	CLEANUP(cleanup_file) FILE *file = fopen(whole, "w");

	if (!file || fputs(content, file) < 0)
		err(1, "cannot write %s", whole);
}

void tree_link(struct tree *tree, const char *path, const char *target)
{
	CLEANUP(cleanup_free) char *whole = place_for(tree, path);

	if (unlink(whole) < 0 && errno != ENOENT)
		err(1, "cannot replace %s", whole);
	if (symlink(target, whole) < 0)
		err(1, "cannot link %s", whole);
}

void tree_remove(struct tree *tree, const char *path)
{
	CLEANUP(cleanup_free) char *whole = text_format("%s/%s", tree->root, path);

	if (file_remove_tree(whole, NULL) < 0)
		err(1, "cannot remove %s", whole);
}

void tree_attribute(struct tree *tree, const char *bdf, const char *name, const char *content)
{
	CLEANUP(cleanup_free) char *path = text_format(FUNCTIONS "/%s/%s", bdf, name);

	tree_file(tree, path, content);
}

static void write_config(
		struct tree *tree, const char *bdf, unsigned offset, const void *data, size_t size)
{
	CLEANUP(cleanup_free)
	char *path = text_format("%s/" FUNCTIONS "/%s/config", tree->root, bdf);
	CLEANUP(cleanup_fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || pwrite(fd, data, size, offset) != (ssize_t)size)
		err(1, "cannot write %s", path);
}

void tree_config(struct tree *tree, const char *bdf, const char *name, const char *from)
{
	CLEANUP(cleanup_free) char *path = text_format(FIXTURES "/dumps/%s", name);
	CLEANUP(cleanup_file) FILE *file = fopen(path, "r");
	unsigned char bytes[4096] = { 0 };
	bool inside = false, found = false;
	char line[128];

	if (!file)
		err(1, "cannot open %s", path);
	while (fgets(line, sizeof(line), file)) {
		unsigned offset, value;
		char *rest;
		int taken;

		if (line[2] == ':' && line[5] == '.') {
			inside = !strncmp(line, from, strlen(from));
			found |= inside;
			continue;
		}
		if (!inside || sscanf(line, "%x:%n", &offset, &taken) != 1)
			continue;
		for (rest = line + taken; sscanf(rest, " %2x%n", &value, &taken) == 1;
				rest += taken)
			bytes[offset++ & 4095] = (unsigned char)value;
	}
	if (!found)
		errx(1, "%s has no function %s", path, from);
	write_config(tree, bdf, 0, bytes, sizeof(bytes));
}

void tree_config_word(struct tree *tree, const char *bdf, unsigned offset, uint16_t value)
{
	unsigned char bytes[2] = { value & 255, value >> 8 };

	write_config(tree, bdf, offset, bytes, 2);
}

void tree_function(struct tree *tree, const char *place, unsigned vendor, unsigned device,
		unsigned class_code)
{
	const char *bdf = strrchr(place, '/') + 1;
	CLEANUP(cleanup_free) char *folder = text_format("sys/devices/%s/vendor", place);
	CLEANUP(cleanup_free) char *link = text_format(FUNCTIONS "/%s", bdf);
	CLEANUP(cleanup_free) char *target = text_format("../../../devices/%s", place);
	char text[32];

	snprintf(text, sizeof(text), "0x%04x\n", vendor);
	tree_file(tree, folder, text);
	tree_link(tree, link, target);
	snprintf(text, sizeof(text), "0x%04x\n", device);
	tree_attribute(tree, bdf, "device", text);
	snprintf(text, sizeof(text), "0x%06x\n", class_code);
	tree_attribute(tree, bdf, "class", text);
	tree_attribute(tree, bdf, "subsystem_vendor", "0x1af4\n");
	tree_attribute(tree, bdf, "subsystem_device", "0x1100\n");
	tree_attribute(tree, bdf, "revision", "0x01\n");
	tree_attribute(tree, bdf, "irq", "0\n");
	tree_attribute(tree, bdf, "numa_node", "-1\n");
	tree_attribute(tree, bdf, "driver_override", "(null)\n");
}

void tree_group(struct tree *tree, const char *bdf, int group)
{
	CLEANUP(cleanup_free) char *link = text_format(FUNCTIONS "/%s/iommu_group", bdf);
	CLEANUP(cleanup_free)
	char *target = text_format("../../../../kernel/iommu_groups/%d", group);
	CLEANUP(cleanup_free)
	char *member = text_format("sys/kernel/iommu_groups/%d/devices/%s", group, bdf);
	CLEANUP(cleanup_free) char *type = text_format("sys/kernel/iommu_groups/%d/type", group);

	tree_link(tree, link, target);
	tree_link(tree, member, "../../../../bus/pci/devices");
	tree_file(tree, type, "DMA\n");
}

void tree_driver(struct tree *tree, const char *bdf, const char *driver)
{
	CLEANUP(cleanup_free) char *link = text_format(FUNCTIONS "/%s/driver", bdf);
	CLEANUP(cleanup_free) char *target = text_format("../../../../bus/pci/drivers/%s", driver);
	CLEANUP(cleanup_free) char *bind = text_format("sys/bus/pci/drivers/%s/bind", driver);
	CLEANUP(cleanup_free) char *unbind = text_format("sys/bus/pci/drivers/%s/unbind", driver);

	tree_link(tree, link, target);
	tree_file(tree, bind, "");
	tree_file(tree, unbind, "");
}

void tree_netdev(struct tree *tree, const char *bdf, const char *name, int index, unsigned flags)
{
	CLEANUP(cleanup_free) char *folder = text_format("net/%s", name);
	CLEANUP(cleanup_free) char *link = text_format("sys/class/net/%s", name);
	CLEANUP(cleanup_free) char *device = text_format(FUNCTIONS "/%s/net/%s/device", bdf, name);
	CLEANUP(cleanup_free) char *function = text_format("../../../%s", bdf);
	CLEANUP(cleanup_free)
	char *target = text_format("../../bus/pci/devices/%s/net/%s", bdf, name);
	struct {
		const char *name;
		char value[32];
	} attributes[] = { { "ifindex", "" }, { "flags", "" }, { "address", "" },
		{ "mtu", "1500\n" }, { "carrier", "1\n" }, { "dev_port", "0\n" } };

	snprintf(attributes[0].value, 32, "%d\n", index);
	snprintf(attributes[1].value, 32, "0x%x\n", flags);
	snprintf(attributes[2].value, 32, "52:54:00:00:00:%02x\n", index & 255);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		CLEANUP(cleanup_free)
		char *path = text_format("%s/%s", folder, attributes[i].name);

		tree_attribute(tree, bdf, path, attributes[i].value);
	}
	tree_link(tree, link, target);
	tree_link(tree, device, function);
}

static void add_port(struct tree *tree, const char *place)
{
	const char *bdf = strrchr(place, '/') + 1;

	tree_function(tree, place, 0x1b36, 0x000c, 0x060400);
	tree_config(tree, bdf, "igb.txt", "00:01.0");
	tree_config_word(tree, bdf, 0x14e, 0x1d); /* ACS control: all four services */
}

static void add_pf(struct tree *tree, const char *place, unsigned total, unsigned vfs)
{
	const char *bdf = strrchr(place, '/') + 1;
	char text[16];

	tree_function(tree, place, 0x8086, 0x10c9, 0x020000);
	tree_config(tree, bdf, "igb.txt", "01:00.0");
	snprintf(text, sizeof(text), "%u\n", total);
	tree_attribute(tree, bdf, "sriov_totalvfs", text);
	snprintf(text, sizeof(text), "%u\n", vfs);
	tree_attribute(tree, bdf, "sriov_numvfs", text);
	tree_attribute(tree, bdf, "sriov_drivers_autoprobe", "1\n");
	tree_attribute(tree, bdf, "reset_method", "flr\n");
	tree_driver(tree, bdf, "igb");
}

static void add_vf(struct tree *tree, const char *place, const char *pf, unsigned index)
{
	const char *bdf = strrchr(place, '/') + 1;
	CLEANUP(cleanup_free) char *virtfn = text_format(FUNCTIONS "/%s/virtfn%u", pf, index);
	CLEANUP(cleanup_free) char *physfn = text_format(FUNCTIONS "/%s/physfn", bdf);
	CLEANUP(cleanup_free) char *to_vf = text_format("../%s", bdf);
	CLEANUP(cleanup_free) char *to_pf = text_format("../%s", pf);

	tree_function(tree, place, 0x8086, 0x10ca, 0x020000);
	tree_config(tree, bdf, "igb.txt", "01:10.0");
	tree_attribute(tree, bdf, "reset_method", "flr\n");
	tree_attribute(tree, bdf, "reset", "");
	tree_link(tree, virtfn, to_vf);
	tree_link(tree, physfn, to_pf);
	tree_driver(tree, bdf, "igbvf");
}

static void make_infiniband(struct tree *tree, const char *bdf, unsigned device)
{
	char text[16];

	tree_attribute(tree, bdf, "vendor", "0x15b3\n");
	snprintf(text, sizeof(text), "0x%04x\n", device);
	tree_attribute(tree, bdf, "device", text);
	tree_attribute(tree, bdf, "class", "0x020700\n");
	tree_driver(tree, bdf, "mlx5_core");
}

/* Lines as the kernel prints them: BARs, ROM, then the VF BARs 0 and 3. */
static const char resources[] = "0x00000000fe800000 0x00000000fe81ffff 0x0000000000040200\n"
				"0x00000000fe820000 0x00000000fe83ffff 0x0000000000040200\n"
				"0x000000000000c000 0x000000000000c01f 0x0000000000040101\n"
				"0x00000000fe840000 0x00000000fe843fff 0x0000000000040200\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x00000000fe844000 0x00000000fe85ffff 0x0000000000140204\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x00000000fe864000 0x00000000fe87ffff 0x0000000000140204\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n";

struct tree *tree_igb(unsigned vfs)
{
	struct tree *tree = tree_new();

	add_port(tree, "pci0000:00/0000:00:01.0");
	add_pf(tree, "pci0000:00/0000:00:01.0/0000:01:00.0", 7, vfs);
	tree_attribute(tree, TREE_PF, "resource", resources);
	tree_netdev(tree, TREE_PF, "eth0", 2, 0x1003);
	tree_group(tree, TREE_PORT, 1);
	tree_group(tree, TREE_PF, 7);
	for (unsigned i = 0; i < vfs; i++) {
		char place[80], name[16];

		snprintf(place, sizeof(place), "pci0000:00/0000:00:01.0/0000:01:1%u.%u", i / 4,
				i % 4 * 2);
		snprintf(name, sizeof(name), "eth%u", i + 1);
		add_vf(tree, place, TREE_PF, i);
		tree_group(tree, strrchr(place, '/') + 1, 8 + (int)i);
		tree_netdev(tree, strrchr(place, '/') + 1, name, 3 + (int)i, 0x1002);
	}
	tree_file(tree, "proc/cmdline", "console=ttyS0 intel_iommu=on quiet\n");
	tree_file(tree, "proc/interrupts",
			"           CPU0\n  0:  325  IR-IO-APIC   2-edge      timer\n");
	tree_file(tree, "sys/firmware/acpi/tables/DMAR", "");
	tree_file(tree, "sys/class/iommu/dmar0/intel-iommu/ecap", "f00f4e\n");
	tree_file(tree, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	return tree;
}

struct tree *tree_infiniband(unsigned vfs)
{
	struct tree *tree = tree_new();

	add_port(tree, "pci0000:00/0000:00:01.0");
	add_pf(tree, "pci0000:00/0000:00:01.0/" TREE_PF, 7, vfs);
	make_infiniband(tree, TREE_PF, 0x101b);
	tree_netdev(tree, TREE_PF, "ib0", 2, 0x1003);
	tree_attribute(tree, TREE_PF, "net/ib0/type", "32\n");
	tree_attribute(tree, TREE_PF, "net/ib0/address", TREE_IB_ADDRESS "\n");
	tree_group(tree, TREE_PF, 7);
	for (unsigned i = 0; i < vfs; i++) {
		char place[80];
		const char *bdf;

		snprintf(place, sizeof(place), "pci0000:00/0000:00:01.0/0000:01:00.%u", i + 1);
		bdf = strrchr(place, '/') + 1;
		add_vf(tree, place, TREE_PF, i);
		make_infiniband(tree, bdf, 0x101c);
		tree_group(tree, bdf, 8 + (int)i);
	}
	return tree;
}

struct tree *tree_large(unsigned cards, unsigned vfs)
{
	struct tree *tree = tree_new();
	char place[96], port[40], pf[24], name[24];

	for (unsigned card = 0; card < cards; card++) {
		unsigned bus = 1 + card * (1 + (vfs + 15) / 256);

		snprintf(port, sizeof(port), "pci0000:00/0000:00:%02x.0", card + 1);
		snprintf(pf, sizeof(pf), "0000:%02x:00.0", bus);
		add_port(tree, port);
		snprintf(place, sizeof(place), "%s/%s", port, pf);
		add_pf(tree, place, vfs, vfs);
		snprintf(name, sizeof(name), "ens%uf0", card);
		tree_netdev(tree, pf, name, (int)card + 2, 0x1003);
		tree_group(tree, pf, (int)(card * 200));
		for (unsigned i = 0; i < vfs; i++) {
			struct bdf bdf = bdf_at_rid(0, (uint16_t)((bus << 8) + i + 16));
			char text[BDF_TEXT];

			snprintf(place, sizeof(place), "%s/%s", port, bdf_format(bdf, text));
			add_vf(tree, place, pf, i);
			tree_group(tree, text, (int)(card * 200 + i + 1));
		}
	}
	return tree;
}

int tree_setup(void **state)
{
	*state = tree_igb(4);
	return 0;
}

int tree_teardown(void **state)
{
	tree_free(*state);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "host/admin_file.h"
#include "host/bar.h"
#include "host/config.h"
#include "host/host_file.h"
#include "host/interrupts.h"
#include "host/iommu.h"
#include "host/kernel_log.h"
#include "host/symbol.h"
#include "host/vfio.h"
#include "netdev/netns.h"
#include "sriov/inventory.h"
#include "tests/assert.h"
#include "tests/tree.h"

/*
 * A recorded tree whose links point to files outside of it. Each reader and writer of core/host
 * gets one and must neither read nor change anything outside.
 */

struct escape {
	struct tree *tree;
	char outside[64];
};

#define CONTENT "00000000 T startup_64\n  1: 5 dmar0\nnot for vfctl\n"

static const struct bdf pf = { .bus = 1 };

/* Returns an absolute path outside the tree. */
static char *outside(const struct escape *escape, const char *name)
{
	return text_format("%s/%s", escape->outside, name);
}

static void put_outside(const struct escape *escape, const char *name)
{
	CLEANUP(cleanup_free) char *path = outside(escape, name);

	assert_int_equal(file_write_atomic(AT_FDCWD, path, CONTENT, strlen(CONTENT), NULL), 0);
}

/* Makes PATH in the tree a link to a file outside, a relative one if RELATIVE. */
static void link_out(const struct escape *escape, const char *path, bool relative)
{
	CLEANUP(cleanup_free)
	char *target = text_format("%s%s/victim", relative ? "../../../../../../../../../.." : "",
			escape->outside);

	tree_link(escape->tree, path, target);
}

static void assert_unchanged(const struct escape *escape)
{
	CLEANUP(cleanup_free) char *path = outside(escape, "victim");
	CLEANUP(cleanup_free) char *text = NULL;

	assert_int_equal(file_read(AT_FDCWD, path, 4096, &text, NULL, NULL), 0);
	assert_string_equal(text, CONTENT);
}

static void leaves_the_kernel_log_alone(void **state)
{
	struct escape *escape = *state;
	int fd = -1;

	for (int relative = 0; relative < 2; relative++) {
		link_out(escape, "dev/kmsg", relative);
		assert_int_equal(kernel_log_open(escape->tree->host, true, &fd, NULL), -ENOENT);
		kernel_log_write(escape->tree->host, "vfctl was here");
		assert_unchanged(escape);
	}
}

static void maps_no_bar(void **state)
{
	struct escape *escape = *state;
	struct bar bar = { 0 };

	link_out(escape, "sys/bus/pci/devices/" TREE_PF "/resource0", false);
	assert_int_equal(bar_map(escape->tree->host, pf, 0, &bar, NULL), -ENOENT);
	link_out(escape, "sys/bus/pci/devices/" TREE_PF "/resource0", true);
	assert_int_equal(bar_map(escape->tree->host, pf, 0, &bar, NULL), -ENOENT);
}

static void opens_no_vfio_group(void **state)
{
	struct escape *escape = *state;
	bool viable;

	link_out(escape, "dev/vfio/7", false);
	assert_int_equal(vfio_group_viable(escape->tree->host, 7, &viable, NULL), -ENOENT);
}

static void reads_no_file_of_proc(void **state)
{
	struct escape *escape = *state;
	const struct host *host = escape->tree->host;
	CLEANUP(cleanup_free) char *text = NULL;
	uint64_t number;

	link_out(escape, "proc/interrupts", false);
	assert_int_equal(interrupts_taken(host, "dmar*", &number, NULL), -ENOENT);
	link_out(escape, "proc/kallsyms", false);
	assert_int_equal(kernel_symbol(host, "startup_64", &number, NULL), -ENOENT);
	link_out(escape, "proc/cmdline", true);
	assert_int_equal(host_file_read(host, "proc/cmdline", 4096, &text, NULL, NULL), -ENOENT);
}

static void opens_no_namespace(void **state)
{
	struct escape *escape = *state;
	int fd = -1;

	tree_link(escape->tree, "proc/thread-self", "/proc/self");
	assert_int_equal(netns_own(escape->tree->host, &fd, NULL), -EOPNOTSUPP);
	assert_int_equal(fd, -1);
}

/* The registers of the unit would be memory of this machine. */
static void reads_no_memory(void **state)
{
	struct escape *escape = *state;
	struct tree *tree = escape->tree;
	struct iommu_unit unit;

	tree_link(tree, "sys/bus/pci/devices/" TREE_PF "/iommu", "../../virtual/iommu/dmar0");
	tree_file(tree, "sys/class/iommu/dmar0/intel-iommu/cap", "d2018c222f0686\n");
	tree_file(tree, "sys/class/iommu/dmar0/intel-iommu/address", "0\n");
	link_out(escape, "dev/mem", false);
	assert_int_equal(iommu_unit_open(tree->host, pf, &unit, NULL), 0);
	assert_int_equal(iommu_unit_records(&unit), 0);
	iommu_unit_close(&unit);
}

/* libpci would follow the link: once the target does not exist inside the tree, once it is
 * another file there. */
static void opens_no_config_space(void **state)
{
	struct escape *escape = *state;
	struct tree *tree = escape->tree;
	struct config *config = NULL;
	CLEANUP(cleanup_free) char *twin = outside(escape, "victim");

	link_out(escape, "sys/bus/pci/devices/" TREE_PF "/config", false);
	assert_int_equal(config_open(tree->host, pf, &config, NULL), -ENODEV);
	tree_file(tree, twin + 1, "inside");
	assert_int_equal(config_open(tree->host, pf, &config, NULL), -EXDEV);
	assert_unchanged(escape);
}

static void lists_no_pf(void **state)
{
	struct escape *escape = *state;
	struct tree *tree = escape->tree;
	struct inventory inventory = { 0 };

	put_outside(escape, "sriov_totalvfs");
	tree_link(tree, "sys/bus/pci/devices/0000:02:00.0", escape->outside);
	assert_int_equal(inventory_read(tree->host, INVENTORY_COUNTS, &inventory, NULL), 0);
	assert_int_equal(inventory.count, 1);
	assert_int_equal(bdf_compare(inventory.pfs[0].function.bdf, pf), 0);
	inventory_free(&inventory);
}

/* Replaces the link instead of following it, also if its target is not a regular file. */
static void writes_no_file(void **state)
{
	struct escape *escape = *state;
	const struct host *host = escape->tree->host;
	CLEANUP(cleanup_free) char *fifo = outside(escape, "fifo");
	CLEANUP(cleanup_fd) int reader = -1;
	char byte;

	tree_file(escape->tree, "etc/vfctl/x.conf", "");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	reader = open(fifo, O_RDONLY | O_NONBLOCK);
	tree_link(escape->tree, "etc/vfctl/fifo.conf", fifo);
	assert_int_equal(admin_file_write(host, "etc/vfctl/fifo.conf", "text", NULL), 0);
	assert_int_equal(read(reader, &byte, 1), 0);
	assert_true(host_is_file(host, "etc/vfctl/fifo.conf"));
	link_out(escape, "etc/vfctl/x.conf", false);
	assert_int_equal(host_file_write(host, "etc/vfctl/x.conf", "text", 4, NULL), 0);
	assert_true(host_is_file(host, "etc/vfctl/x.conf"));
	link_out(escape, "etc/vfctl/x.conf", false);
	assert_int_equal(host_file_create(host, "etc/vfctl/x.conf", NULL), -ELOOP);
	assert_unchanged(escape);
}

/* Not below a folder that is a link, either. */
static void writes_into_no_folder(void **state)
{
	struct escape *escape = *state;
	const struct host *host = escape->tree->host;

	tree_link(escape->tree, "var", escape->outside);
	assert_int_equal(host_file_write(host, "var/victim", "text", 4, NULL), -ENOENT);
	assert_int_equal(host_file_remove(host, "var/victim", NULL), 0);
	assert_int_equal(host_link_create(host, "var/link", "victim", NULL), -ENOENT);
	assert_int_equal(host_tree_remove(host, "var/victim", NULL), 0);
	assert_unchanged(escape);
}

static void removes_nothing(void **state)
{
	struct escape *escape = *state;
	struct tree *tree = escape->tree;

	tree_file(tree, "run/vfctl/cards/one", "");
	tree_link(tree, "run/vfctl/cards/folder", escape->outside);
	link_out(escape, "run/vfctl/file", false);
	assert_int_equal(host_tree_remove(tree->host, "run/vfctl", NULL), 0);
	assert_false(host_exists(tree->host, "run/vfctl"));
	assert_int_equal(host_tree_remove(tree->host, "run/vfctl", NULL), 0);
	assert_unchanged(escape);
}

/* A tree that root has unpacked may contain device nodes. */
static void opens_no_device(void **state)
{
	struct escape *escape = *state;
	CLEANUP(cleanup_free) char *path = text_format("%s/dev/kmsg", escape->tree->root);

	tree_file(escape->tree, "dev/kmsg", "");
	tree_remove(escape->tree, "dev/kmsg");
	if (mknod(path, S_IFCHR | 0600, makedev(1, 3)) < 0)
		skip();
	assert_int_equal(host_open_file(escape->tree->host, "dev/kmsg", O_WRONLY), -EOPNOTSUPP);
	tree_link(escape->tree, "dev/link", "kmsg");
	assert_int_equal(host_open_file(escape->tree->host, "dev/link", O_RDONLY), -EOPNOTSUPP);
}

static int setup(void **state)
{
	struct escape *escape = calloc(1, sizeof(*escape));

	assert_non_null(escape);
	snprintf(escape->outside, sizeof(escape->outside), "/tmp/vfcert-outside-XXXXXX");
	assert_non_null(mkdtemp(escape->outside));
	escape->tree = tree_igb(0);
	put_outside(escape, "victim");
	*state = escape;
	return 0;
}

static int teardown(void **state)
{
	struct escape *escape = *state;

	tree_free(escape->tree);
	file_remove_tree(escape->outside, NULL);
	free(escape);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(leaves_the_kernel_log_alone),
		TEST(maps_no_bar),
		TEST(opens_no_vfio_group),
		TEST(reads_no_file_of_proc),
		TEST(opens_no_namespace),
		TEST(reads_no_memory),
		TEST(opens_no_config_space),
		TEST(lists_no_pf),
		TEST(writes_no_file),
		TEST(writes_into_no_folder),
		TEST(removes_nothing),
		TEST(opens_no_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

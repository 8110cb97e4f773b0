/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include <stdint.h>

#include "base/bdf.h"
#include "host/host.h"

/*
 * A machine of plain files: sysfs, proc and dev as a kernel would show them, in a temporary folder.
 * Writes go to the files, so this kernel accepts everything and does nothing.
 *
 * An error here ends the program: a test without a tree has no result.
 */
struct tree {
	char root[64];
	struct host *host;
};

struct tree *tree_new(void);
struct tree *tree_of(const char *root); /* one that another process has made */
void tree_free(struct tree *tree);

/* Paths are relative to the root; missing folders are created. */
void tree_file(struct tree *tree, const char *path, const char *content);
void tree_link(struct tree *tree, const char *path, const char *target);
void tree_remove(struct tree *tree, const char *path);

/* An attribute of a function: sys/bus/pci/devices/BDF/NAME. */
void tree_attribute(struct tree *tree, const char *bdf, const char *name, const char *content);

/* tree_config() fills the configuration space of BDF from the function FROM of
 * fixtures/dumps/FILE; tree_config_word() changes a word of it. */
void tree_config(struct tree *tree, const char *bdf, const char *file, const char *from);
void tree_config_word(struct tree *tree, const char *bdf, unsigned offset, uint16_t value);

/* Adds a function at PLACE, the path below sys/devices, whose last component is its BDF. */
void tree_function(struct tree *tree, const char *place, unsigned vendor, unsigned device,
		unsigned class_code);
void tree_group(struct tree *tree, const char *bdf, int group);
void tree_driver(struct tree *tree, const char *bdf, const char *driver);
void tree_netdev(struct tree *tree, const char *bdf, const char *name, int index, unsigned flags);

/* The machine that most tests start from: a root port with ACS enabled, an igb with 7 VFs, of
 * which VFS are enabled and bound to igbvf, interfaces eth0 (up) and eth1..., IOMMU groups, DMAR,
 * remapped interrupts. */
#define TREE_PORT "0000:00:01.0"
#define TREE_PF   "0000:01:00.0"
#define TREE_VF0  "0000:01:10.0"
struct tree *tree_igb(unsigned vfs);

/* The same place with an InfiniBand card (mlx5_core): 7 VFs, of which VFS are enabled and have no
 * interface of IPoIB. */
#define TREE_IB_VF0     "0000:01:00.1"
#define TREE_IB_ADDRESS "00:00:10:29:fe:80:00:00:00:00:00:00:02:00:5e:00:00:00:00:a1"
struct tree *tree_infiniband(unsigned vfs);

/* CARDS PFs with VFS VFs each, for benchmarks. */
struct tree *tree_large(unsigned cards, unsigned vfs);

/* For cmocka's setup and teardown: *STATE is a tree_igb(4). */
int tree_setup(void **state);
int tree_teardown(void **state);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RIG_TOPOLOGY_H
#define RIG_TOPOLOGY_H

#include <stdbool.h>

#include "data/ini.h"

/* The topology of a rig whose options name none. */
#define TOPOLOGY_DEFAULT "igb"

/*
 * The part of an emulated machine that differs between rigs; fixtures/topologies/README.md describes the
 * file. Keys that begin with a capital are vfcert's, the others are QEMU's.
 */
struct topology_property {
	char *key, *value;
};

/* A device, a network backend, or the machine itself: the first property is its driver or type. */
struct topology_item {
	char *id;
	struct topology_property *properties;
	size_t count;
};

struct topology {
	char *id, *title, *description;
	char *qemu;                  /* the oldest version with the card; NULL: any */
	char *flavour;               /* of the image (vmimages/README.md); NULL: the plain one */
	char *pf, *pf_address;       /* the device's id, and its BDF in the machine */
	char *partner, *partner_mac; /* NULL: no link partner */
	unsigned memory_mib, cpus;
	bool hosts_guests; /* the machine has libvirt's daemon and the guests' disk */
	unsigned guests;   /* that run on the machine when its snapshot is taken */
	char *peer;        /* the file of a second machine, laid over this topology; NULL: none */
	struct topology_item machine;
	struct topology_item *devices; /* buses before the devices on them */
	size_t device_count;
	struct topology_item *netdevs;
	size_t netdev_count;
	char **arguments; /* of the kernel, after those of every rig; ends with NULL */
	char **removed;   /* from the kernel arguments of every rig; ends with NULL */
};

/* NAME is a file in FOLDER without its ".ini", or a path that contains a slash or ends with ".ini". */
int topology_load(const char *folder, const char *name, const struct ini *const *overlays,
		size_t overlay_count, struct topology **topology, struct err *err);
void topology_free(struct topology *topology);
void cleanup_topology(struct topology **topology);

/* The device under test. */
struct topology_item *topology_pf(const struct topology *topology);

/* A property's value, or NULL. topology_item_set() replaces or adds one. */
const char *topology_item_get(const struct topology_item *item, const char *key);
void topology_item_set(struct topology_item *item, const char *key, const char *value);
void topology_item_free_properties(struct topology_item *item);

/* "igb,id=pf,bus=rp1,romfile=": the value of QEMU's -device, -netdev or -machine; the caller
 * frees it. FOLDER is that of the machine's sockets, which a value can name. */
char *topology_option(const struct topology_item *item, const char *folder);

/* VALUE with its commas doubled, since a single one ends a value in QEMU's options; the caller
 * frees it. */
char *topology_escape(const char *value);

/* Whether WANTED is the word ("iomem=relaxed") or its name ("iomem"). */
bool topology_word_is(const char *word, const char *wanted);

/* The kernel's command line: BASE without the removed arguments, then the topology's; the caller
 * frees it. */
char *topology_kernel(const struct topology *topology, const char *base);

#endif

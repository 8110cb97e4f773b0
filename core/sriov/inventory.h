/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_INVENTORY_H
#define SRIOV_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diagnostics.h"
#include "base/name.h"
#include "data/record.h"
#include "host/host.h"
#include "netdev/devlink.h"
#include "netdev/netdev.h"
#include "netdev/port.h"
#include "pci/acs.h"

/*
 * The SR-IOV functions of a host. A PF is a function with an SR-IOV capability that its kernel
 * driver offers (sriov_totalvfs); a VF is a function with a link to its PF (physfn).
 */

struct function {
	struct bdf bdf;
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class_code;
	uint8_t revision;
	char driver[NAME_ROOM]; /* "": none bound */
	char netdev[IFNAMSIZ];  /* "": none in this network namespace */
	int numa_node;          /* -1: the platform does not report it */
	int iommu_group;        /* -1: none */
	bool flr;               /* the kernel offers a function-level reset */
};

/* How a VF is held. Of several reasons the strongest counts, which is the last in this list.
 * HOLDER_NONE: shown to be free. */
enum holder_kind {
	HOLDER_NONE,
	HOLDER_NAMESPACE, /* its interface is in another network namespace */
	HOLDER_UP,        /* its interface is up */
	HOLDER_ADDRESS,   /* its interface has an address */
	HOLDER_STACKED,   /* another device, of a kind below or another, is stacked on it */
	HOLDER_VLAN,
	HOLDER_MACVTAP,
	HOLDER_BRIDGE,
	HOLDER_BOND,
	HOLDER_OVS,         /* Open vSwitch */
	HOLDER_REPRESENTOR, /* something is stacked on the interface that represents it */
	HOLDER_DRIVER,      /* its driver creates a device whose users cannot be determined */
	HOLDER_UNKNOWN,     /* whether it is in use could not be determined */
	HOLDER_VDPA,        /* a vDPA device was created on it */
	HOLDER_BLOCK,       /* its disk is mounted, used as swap, or part of another */
	HOLDER_OPEN,        /* a process has one of its devices open */
	HOLDER_RESERVED,    /* vfctl is giving it to a virtual machine, or taking it back */
	HOLDER_VFIO,        /* a process has its VFIO group or device open */
	HOLDER_VM,          /* that process is a virtual machine with a name */
	HOLDER_KINDS,
};

struct holder {
	enum holder_kind kind;
	char what[NAME_ROOM]; /* "br0", "network namespace ns5", "qemu-system-x86 (pid 812)" */
	char known[160];      /* how that is known: "its interface eth1 is up" */
};

struct vf {
	struct function function;
	unsigned index;              /* N of virtfnN */
	struct vf_settings settings; /* none given if the PF's driver reports none */
	struct holder holder;
};

struct pf {
	struct function function;
	char model[128];                                     /* "" before pf_read_model() */
	char driver_version[NAME_ROOM], firmware[NAME_ROOM]; /* "": the driver does not report it */
	struct netdev net;                                   /* index 0: no interface */
	size_t port_count;
	struct port *ports; /* all interfaces of the function, uplinks first */
	enum eswitch_mode eswitch;
	unsigned total_vfs; /* VFs that the driver allows (sriov_totalvfs) */
	unsigned card_vfs;  /* TotalVFs of the capability, 0: not readable */
	unsigned num_vfs;
	bool autoprobe;
	bool below_port;               /* false: it is on the root bus */
	bool ari_known;                /* false: ari_capable and ari_enabled could not be read */
	bool ari_capable, ari_enabled; /* of the PF; of the port above together with SR-IOV */
	unsigned config_length;        /* bytes of its configuration space that could be read */
	size_t hop_count;
	struct acs_hop hops[PATH_LIMIT]; /* from the port above the PF up to the root port */
	size_t group_size;
	struct bdf *group; /* all members of the PF's IOMMU group */
	size_t vf_count;
	struct vf *vfs; /* sorted by index */
};

struct inventory {
	size_t count;
	struct pf *pfs; /* in order of the bus */
	/* One line for each PF that cannot be read, perhaps because it has gone meanwhile. */
	struct diagnostics unreadable;
};

/* How much to read. Each level costs more. */
enum inventory_depth {
	INVENTORY_COUNTS, /* PFs, their ids and counts: one pass over sysfs, no libpci, no netlink */
	INVENTORY_FULL,   /* everything */
};

/* A PF that cannot be read is left out; that is not an error. */
int inventory_read(const struct host *host, enum inventory_depth depth, struct inventory *inventory,
		struct err *err);
void inventory_free(struct inventory *inventory);
void cleanup_inventory(struct inventory *inventory);

/* Finds the PF for an interface name or a BDF. Errors as of pf_read(). */
int pf_find(const struct host *host, const char *name, struct bdf *bdf, struct err *err);

/* Reads everything about one PF, given by interface name or BDF. -ENODEV: the message lists the
 * cards that are present. -EINVAL: the function is a VF or has no SR-IOV. */
int pf_read(const struct host *host, const char *name, struct pf *pf, struct err *err);

/* Sets pf->model, which costs more than everything else: pci.ids is a large text. */
void pf_read_model(const struct host *host, struct pf *pf);

void pf_free(struct pf *pf);
void cleanup_pf(struct pf *pf);

/* The records of vfctl --json. */
struct record *pf_to_record(const struct pf *pf);
struct record *vf_to_record(const struct vf *vf);

#endif

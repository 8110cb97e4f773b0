/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bdf.h"
#include "base/err.h"
#include "base/mac.h"

/*
 * A virtual machine of libvirt as its XML describes it (formatdomain of libvirt 12; live or
 * inactive), as far as NICs are concerned. Nothing here asks libvirt or the host.
 *
 * What libvirt adds from time to time is kept as text: types of interfaces, models, drivers,
 * machines. Unknown elements are ignored. A value that libvirt itself would refuse (an address, a
 * MAC, a VLAN id, a word of a closed list) is an error that names its line.
 */

/* How a NIC is connected: <interface type=>, and the last one a <hostdev> of PCI. */
enum nic_kind {
	NIC_OTHER, /* a type that is not in this list; see type */
	NIC_BRIDGE,
	NIC_NETWORK, /* a network of libvirt, which may be a bridge or a pool of VFs */
	NIC_HOSTDEV, /* a VF whose MAC and port VLAN libvirt sets */
	NIC_DIRECT,  /* macvtap */
	NIC_ETHERNET,
	NIC_VHOSTUSER,
	NIC_VDPA,
	NIC_USER,
	NIC_INTERNAL,
	NIC_UDP,
	NIC_MCAST,
	NIC_SERVER,
	NIC_CLIENT,
	NIC_NULL,
	NIC_VDS,
	NIC_PCI, /* a PCI device of the host, a VF or any other, which libvirt does not configure */
	NIC_KINDS,
};

/* The type in XML; "pci" for NIC_PCI, "other" for NIC_OTHER. */
const char *nic_kind_name(enum nic_kind kind);

enum nic_teaming { TEAMING_NONE, TEAMING_PERSISTENT, TEAMING_TRANSIENT };
enum nic_link { NIC_LINK_UNSET, NIC_LINK_UP, NIC_LINK_DOWN };
enum nic_native { NATIVE_NONE, NATIVE_TAGGED, NATIVE_UNTAGGED };

struct nic_vlan {
	uint16_t id; /* 0 to 4095 */
	enum nic_native native;
};

/* As libvirt counts: KiB per second, and KiB; 0: not given. */
struct nic_rate {
	uint64_t average, peak, burst, floor;
};

/* Texts are NULL where the XML does not give them, or gives none. */
struct domain_nic {
	enum nic_kind kind;
	unsigned line; /* of its element */
	char *type;    /* as in XML */
	char *alias;   /* "ua-nic1"; "net0" if libvirt chose it */
	bool has_mac, has_host, has_guest;
	struct mac mac;
	struct bdf host;  /* its address on the host: a VF */
	struct bdf guest; /* its address in the guest */

	/* Of <source>: */
	char *network, *portid, *portgroup;
	char *bridge;
	char *dev, *mode; /* of NIC_DIRECT "eth0", "passthrough"; of NIC_VDPA the device */
	char *path;       /* of the socket of NIC_VHOSTUSER */

	char *model, *driver; /* "virtio"; "vfio" */
	char *target;         /* its interface on the host, "vnet0" */
	char *filter;
	char *virtualport; /* type of <virtualport>: libvirt then sets no VLAN */
	bool managed;      /* libvirt binds the VF to vfio-pci and back */
	bool trunk;
	size_t vlan_count; /* 0: the XML has no <vlan> */
	struct nic_vlan *vlans;
	enum nic_teaming teaming;
	char *persistent; /* alias of the NIC that a transient one is paired with */
	unsigned boot;    /* order from 1, 0: none */
	enum nic_link link;
	uint32_t mtu;            /* 0: not given */
	struct nic_rate in, out; /* <bandwidth> */
};

/* Where a further NIC can be plugged in while the machine runs. */
enum slot_kind {
	SLOTS_UNKNOWN, /* another machine, or XML without its PCI controllers */
	SLOTS_PORTS,   /* a PCI Express machine (q35, virt): ports that take one device each */
	SLOTS_PCI,     /* i440fx: slots of the PCI bus and of PCI bridges */
};

struct domain_slots {
	enum slot_kind kind;
	unsigned total, spare; /* without ports whose hot plug is off */
};

/* What XML from which a machine is to start says of PCI Express ports. */
struct domain_ports {
	bool is_express;        /* the machine has them (q35, virt) */
	bool given, unnumbered; /* it has PCI controllers, some of them without an index */
	unsigned next;          /* an index that no PCI controller has, above all others */
	unsigned free;          /* that no device has yet */
	unsigned unplaced;      /* devices without an address, each of which may take one */
};

struct domain {
	char *name;
	char uuid[37];       /* lower case; "": none */
	int id;              /* of a running machine, else -1 */
	char *machine;       /* "pc-q35-9.2", or NULL */
	char *arch;          /* "x86_64", or NULL */
	char *iommu;         /* model of the guest's IOMMU, or NULL */
	uint64_t memory;     /* bytes */
	uint64_t hard_limit; /* of <memtune>, bytes; 0: not given */
	unsigned passed;     /* devices passed through VFIO: of PCI, and mediated ones */
	unsigned boot_last;  /* the highest order in which a device is tried; 0: none is given */
	struct domain_slots slots;
	struct domain_ports ports;
	size_t nic_count;
	struct domain_nic *nics; /* in the order of the XML */
};

enum { DOMAIN_NICS_MOST = 512 };

/* FILE names the text in errors: FILE:LINE:COLUMN: what. The caller passes the result to
 * domain_free(). -EINVAL, -EFBIG. */
int domain_parse(const char *file, const char *text, size_t length, struct domain *domain,
		struct err *err);
void domain_free(struct domain *domain);
void cleanup_domain(struct domain *domain);

/* Returns what people call the NIC: its alias without "ua-", else its MAC, its address on the
 * host, or "NIC N". */
#define NIC_NAME_ROOM 80
const char *domain_nic_name(const struct domain *domain, const struct domain_nic *nic,
		char text[NIC_NAME_ROOM]);

/* Finds the NIC that NAME stands for: the alias "ua-NAME", else the alias NAME, else a MAC, else
 * the address of a PCI device on the host. -ENOENT: the message lists the NICs. -EINVAL: several
 * have it (both NICs of a failover pair have one MAC); the message names them. */
int domain_find_nic(const struct domain *domain, const char *name, const struct domain_nic **nic,
		struct err *err);

/* The NIC with that alias, or NULL. */
const struct domain_nic *domain_nic_with_alias(const struct domain *domain, const char *alias);

/* Whether one of the two is the transient NIC and the other its persistent one. */
bool domain_nics_are_pair(const struct domain_nic *a, const struct domain_nic *b);

#endif

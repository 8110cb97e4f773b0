/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_NIC_PLAN_H
#define VM_NIC_PLAN_H

#include <net/if.h>

#include "catalog/catalog.h"
#include "domain/nic_xml.h"
#include "host/hypervisor.h"
#include "sriov/reservation.h"
#include "vm/vf_choice.h"
#include "vm/vm_read.h"

/*
 * What a NIC of a virtual machine is to be, as a vNIC profile says: a VF of a card that may carry
 * the profile's network, or a NIC on the network's bridge. A profile with failover gets both, which
 * the guest joins to one. Nothing here changes anything.
 */

/* What a NIC is plugged in with in place of a profile of the catalog; the caller keeps it. */
struct nic_given {
	const struct vnic_profile *profile; /* without a name */
	const struct network *network;
	const struct bdf *among; /* as in struct vf_wish */
	size_t among_count;
};

struct nic_request {
	const char *profile;
	const char *nic;               /* NULL: the first free one of nic1, nic2, ... */
	const char *mac;               /* NULL: the one that the NIC had before, or a new one */
	const char *vf;                /* as ONLY of vf_candidates_find() */
	unsigned boot;                 /* order from 1; 0: none */
	const struct nic_given *given; /* NULL: PROFILE */
};

enum { NIC_MOST = 20, ALIAS_ROOM = 40 };

/* One device of a NIC. It refers to itself, so it is not copied. */
struct plug {
	struct nic_wanted wanted;
	const char *nic; /* its name */
	char alias[ALIAS_ROOM], persistent[ALIAS_ROOM], bridge[IFNAMSIZ];
	struct vf_candidate vf;      /* of a passthrough one */
	struct vf_settings settings; /* of the VF, while it is plugged in */
	bool stays;                  /* the machine has it already, and keeps it */
	bool reserved;
	struct reservation reservation; /* of the VF, once it is reserved */
};

struct nic_plan {
	struct vnic vnic;
	const struct vnic_profile *profile; /* in the catalog, as what follows */
	const struct network *network;
	struct vf_candidates candidates; /* none unless the profile has passthrough */
	unsigned boot;
	size_t plug_count;
	struct plug plugs[2]; /* the standby of a failover pair first */
	bool fell_back;       /* no VF can be given, and the profile permits the bridge */
	bool is_kept;         /* the machine's configuration has it already */
};

/* What is known while the plan is made. */
struct nic_planning {
	const struct host *host;
	const struct domain_status *vm;
	const struct catalog *catalog;
	const struct domain *domain;
	const struct promises *promises;
	bool live;                     /* it is for a running machine */
	const struct nic_plan *before; /* further NICs that the machine is to have */
	size_t before_count;
};

/* Chooses the profile, the name and the MAC, and finds the VFs that can be given. Refusals have
 * names. The caller frees NIC in any case. */
int nic_plan_begin(const struct nic_planning *planning, const struct nic_request *request,
		struct nic_plan *nic, struct err *err);

/* Describes the devices, with VF of the candidates, or NULL where no VF can be given. May be
 * called again with another. */
int nic_plan_devices(const struct nic_planning *planning, struct nic_plan *nic,
		const struct vf_candidate *vf, struct err *err);

/* The same for a NIC of the catalog that the machine has, and that is to become another: what REQUEST leaves
 * open, its name and boot order aside, stays. OWN is the VF that it has, or NULL. */
int nic_plan_change(const struct nic_planning *planning, const struct vnic *vnic,
		const struct nic_request *request, const struct bdf *own, struct nic_plan *nic,
		struct err *err);

/* Plans for the VF that the machine's configuration has as OF, the NIC of VNIC. */
int nic_plan_keep(const struct nic_planning *planning, const struct domain_nic *of,
		const struct vnic *vnic, struct nic_plan *nic, struct err *err);

/*
 * Plans a VF for a NIC of the catalog that runs without one: chooses the profile and finds the VFs
 * that can be given, as ONLY of vf_candidates_find() says. Refusals have names. The caller frees NIC
 * in any case.
 */
int nic_plan_resume(const struct nic_planning *planning, const struct vnic *vnic, const char *only,
		struct nic_plan *nic, struct err *err);

/* Describes the VF of a failover pair whose standby is there as ALIAS. May be called again with
 * another. */
void nic_plan_half(struct nic_plan *nic, const struct vf_candidate *vf, const char *alias);

/* Describes a device that the machine has, as the one device of a NIC. */
void nic_plan_as_is(const struct domain_nic *of, const struct vnic *vnic, struct nic_plan *nic);

/* The same for any device; NIC is the name of its NIC. */
void plug_describe(const struct domain_nic *of, const char *nic, struct plug *plug);

/* Refuses a network that has no bridge here. */
int nic_check_bridge(const struct host *host, const struct network *network, struct err *err);

/* Refuses a running machine in which NEEDED further devices have no place. */
int nic_check_slots(const struct domain *domain, size_t needed, struct err *err);

/* The alias of the NIC's device, and of the standby of its failover pair. */
void nic_aliases(const char *nic, char alias[ALIAS_ROOM], char standby[ALIAS_ROOM]);

/* Gives the passthrough one another VF. */
void plug_take_vf(struct plug *plug, const struct vf_candidate *vf);

/* Gives the device the place in the guest that another has. */
void plug_take_place(struct plug *plug, const struct nic_wanted *of);

/* The lines of a plan: the VF and its settings, and TO ("plug into") the machine. */
void nic_plan_steps(const struct nic_plan *nic, const char *to, const struct domain_status *vm,
		struct diagnostics *steps);

void nic_plan_free(struct nic_plan *nic);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_ATTACH_H
#define VM_ATTACH_H

#include "vm/nic_plan.h"

/*
 * Plugs a NIC into a virtual machine: by profile, by pool, or by device. A NIC of a pool of libvirt
 * (<forward mode='hostdev'>) or of a device has no profile, and so no vNIC in the catalog: it is for the
 * running machine.
 *
 * Which VF of a pool is given, the manager decides, and not libvirt: networkAllocatePort() (libvirt 9)
 * takes the first one that has no port of this same pool, even if another holds it.
 */

struct attach_request {
	const char *vm; /* name or UUID */
	/* One of three: */
	const char *profile;
	const char *pool;
	const char *device; /* as VF */

	const char *portgroup; /* of the pool; NULL: as libvirt chooses */
	unsigned vlan;         /* of the device; 0: none */
	const char *nic;       /* NULL: the first free one of nic1, nic2, ... */
	const char *mac;       /* NULL: the one that the NIC had before, or a new one */
	const char *vf;        /* as ONLY of vf_candidates_find() */
	unsigned sides; /* enum domain_side; 0: the running machine, or else its configuration */
	unsigned boot;  /* order from 1; 0: none */
	int wait_s;     /* for the lock */
};

struct attach {
	struct domain_status vm;
	unsigned sides;
	int wait_s;
	struct catalog catalog;
	struct nic_plan nic;

	/* In place of a profile. */
	struct vnic_profile plain;
	struct network network; /* with the name of the pool, or of the device */
	struct bdf *among;      /* the VFs of the pool */
	struct nic_given given;
};

/* Decides all that can be decided without a change. Refusals have names. The caller frees ATTACH in any
 * case. */
int attach_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct attach_request *request, struct attach *attach, struct err *err);

/* The steps of the plan, a line each. */
void attach_steps(const struct attach *attach, struct diagnostics *steps);

/*
 * Carries the plan out. Where another takes the chosen VF first, it goes on with the next one. It ends
 * with the NIC plugged in, set and recorded, or with everything as it was; -ETIMEDOUT: libvirt does not
 * answer, and what it will do is not known: the VF stays reserved until that is seen. NOTES says what
 * else happened.
 */
int attach_run(const struct host *host, struct hypervisor **hypervisor, struct attach *attach,
		struct diagnostics *notes, struct err *err);

void cleanup_attach(struct attach *attach);

#endif

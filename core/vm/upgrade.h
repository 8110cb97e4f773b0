/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_UPGRADE_H
#define VM_UPGRADE_H

#include "vm/nic_plan.h"

/*
 * Gives VFs to the NICs of running machines that run without one although their profile has
 * passthrough. Beside the standby of a failover pair the VF is plugged in. A NIC that fell back to
 * the bridge is unplugged, and comes again with the same name and MAC as its profile says; if that
 * fails, the NIC on the bridge comes back.
 *
 * The running machine is what counts. Its configuration is changed, too, where it has the NIC in
 * the same form.
 */

struct upgrade_request {
	const char *vm; /* name or UUID; NULL: all that run */
	int limit_s;    /* for the guest to release a NIC */
	int wait_s;     /* for the lock */
};

struct upgrade_vm {
	struct domain_status status;
	struct domain live, config; /* CONFIG is empty for a machine without one */
	size_t needed;              /* further places for devices */
};

/* It refers to itself, so it is not copied. */
struct upgrade_nic {
	struct upgrade_vm *vm;
	struct nic_plan plan;
	unsigned sides;     /* enum domain_side */
	bool is_half;       /* its standby is there */
	struct plug bridge; /* else: what it runs on, and what comes back */
	bool done;          /* it has its VF */
	struct err err;     /* why it gets none */
};

struct upgrade {
	int limit_s, wait_s;
	struct catalog catalog;
	struct promises promises;
	size_t vm_count, nic_count;
	struct upgrade_vm *vms;
	struct upgrade_nic **nics; /* those that run without a VF, of all machines */
};

/* Finds the NICs, and decides which VF each gets; one that gets none has the reason in its ERR. The
 * caller frees UPGRADE in any case. */
int upgrade_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct upgrade_request *request, struct upgrade *upgrade, struct err *err);

/* The steps of the plan, a line each. */
void upgrade_steps(const struct upgrade *upgrade, struct diagnostics *steps);

/* Carries the plan out, NIC by NIC; each ends done, or with its ERR and as it was. NOTES says what
 * else happened. */
void upgrade_run(const struct host *host, struct hypervisor **hypervisor, struct upgrade *upgrade,
		struct diagnostics *notes);

void cleanup_upgrade(struct upgrade *upgrade);

#endif

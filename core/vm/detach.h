/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_DETACH_H
#define VM_DETACH_H

#include "base/diagnostics.h"
#include "host/hypervisor.h"
#include "sriov/reservation.h"

/* Takes a NIC from a virtual machine. It is done when the machine has released it and its VF is again as
 * it was before the attach. */
struct detach_request {
	const char *vm;  /* name or UUID */
	const char *nic; /* name, alias, MAC, or address of the device */
	unsigned sides;  /* enum domain_side; 0: wherever the NIC is */
	int limit_s;     /* for the guest */
	int wait_s;      /* for the lock */
};

struct detach {
	struct domain_status vm;
	unsigned sides;
	int limit_s, wait_s;
	char nic[NAME_ROOM]; /* "nic1" */
	size_t alias_count;
	char aliases[2][DOMAIN_NAME_ROOM]; /* of a failover pair the VF first */
	bool has_vf;                       /* a VF of this host, in the running machine */
	struct bdf vf;
	bool reserved; /* by the manager, which knows how the VF was before */
	struct reservation reservation;
};

/* Decides what is to be done. -ENOENT: there is no such NIC; the message lists those that there are. */
int detach_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct detach_request *request, struct detach *detach, struct err *err);

/* The steps of the plan, a line each. */
void detach_steps(const struct detach *detach, struct diagnostics *steps);

/* -ETIMEDOUT, -EPERM: the guest did not release it, and keeps it; nothing else has changed. Other errors
 * say what could not be put back; the next vfctl that changes anything tries again. */
int detach_run(const struct host *host, struct hypervisor **hypervisor, struct detach *detach,
		struct diagnostics *notes, struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_EDIT_H
#define VM_EDIT_H

#include "vm/edit_mark.h"
#include "vm/way_back.h"

/*
 * Makes of a NIC of a virtual machine what a profile says: another one, or its own as that is now. Rates,
 * trust and spoof check of a VF change while the guest uses it, and a NIC on a bridge moves to
 * another bridge. What else differs takes a planned unplug and plug, with the same name, MAC (unless
 * another is asked for), boot order, and place in the guest.
 *
 * Refusals come before anything changes. A failure at any step ends with the NIC as it was. A process
 * that is killed leaves a mark (vm/edit_mark.h), with which the next edit of the NIC, or an upgrade,
 * completes it.
 */

struct edit_request {
	const char *vm;            /* name or UUID */
	const char *nic;           /* its name, or that of a device of it */
	const char *profile, *mac; /* NULL: as it has */
	const char *vf;            /* as in struct vf_wish; NULL: any, its own first */
	unsigned sides;            /* enum domain_side; 0: wherever the NIC is */
	int limit_s;               /* for the guest to release it */
	int wait_s;                /* for the lock */
};

/* It refers to itself, so it is not copied. */
struct edit {
	struct domain_status vm;
	int limit_s, wait_s;
	unsigned sides;
	struct catalog catalog;
	struct domain live, config; /* empty: not among SIDES */
	struct promises promises;
	struct vnic before;
	struct edit_mark mark;
	struct nic_plan nic; /* what it is to be; a device of it STAYS, or is plugged in */

	/* What the running machine has now. */
	bool has_vf, has_bridge;
	struct way_back vf;
	struct plug bridge; /* the standby, or the NIC itself */

	bool leaves_vf, leaves_bridge; /* they are unplugged */
	bool moves;                    /* BRIDGE becomes another one */
	bool sets;                     /* the VF's settings change */
	bool configures;               /* the configuration changes */
};

/* Decides all that can be decided without a change. The caller frees EDIT in any case. -ENOENT: there is
 * no such NIC. */
int edit_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct edit_request *request, struct edit *edit, struct err *err);

/* Whether the guest loses its interface for some time. */
bool edit_interrupts(const struct edit *edit);

/* The steps of the plan, a line each, and what the guest will notice. */
void edit_steps(const struct edit *edit, struct diagnostics *steps);

/* Carries the plan out. NOTES says what else happened. -EPERM, -ETIMEDOUT: the guest did not release the
 * NIC, and keeps it. */
int edit_run(const struct host *host, struct hypervisor **hypervisor, struct edit *edit,
		struct diagnostics *notes, struct err *err);

/* Completes what killed processes began, of one machine (VM: name or UUID) or of all (NULL). NOTES says of
 * which NICs, and why one could not be completed. */
void edits_complete(const struct host *host, struct hypervisor **hypervisor,
		const struct edit_request *of, struct diagnostics *notes);

void cleanup_edit(struct edit *edit);

#endif

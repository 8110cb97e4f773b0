/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_WAY_BACK_H
#define VM_WAY_BACK_H

#include "vm/vf_give.h"

/*
 * A running machine's VF that is taken from it for the time of something that can fail, and is held
 * for it meanwhile. PLAN has one device, the VF as the machine has it; it refers to itself, so it is
 * not copied.
 */
struct way_back {
	struct bdf vf;
	struct nic_plan plan;
	bool withdrawn; /* the machine is without the VF */
};

/* Plans the way back of the VF that the running machine has as OF, the NIC of VNIC. Refuses one that the
 * manager has not given. The caller frees the plan in any case. */
int way_back_plan(const struct host *host, const struct domain_status *vm,
		const struct domain_nic *of, const struct vnic *vnic, struct way_back *back,
		struct err *err);

/* Unplugs the VF from the running machine, puts it back as it was before, and reserves it for the way
 * back in the same breath. -EPERM, -ETIMEDOUT: the guest keeps it. */
int withdraw(const struct giving *giving, struct way_back *back, struct deadline limit,
		struct err *err);

/* Holds it longer; failures leave it as it is. */
void withdraw_renew(const struct giving *giving, struct way_back *back);

/* Plugs it in again. */
int withdraw_undo(const struct giving *giving, struct way_back *back, struct err *err);

/* Gives it up. The caller holds the lock. */
void withdraw_end(const struct giving *giving, struct way_back *back);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGRATE_WITHDRAW_H
#define MIGRATE_WITHDRAW_H

#include "migrate/migrate.h"

/* The VFs of a machine that leaves its host. */

/* Plans the way back of a NIC's VF, which the running machine has as OF. */
int withdraw_plan(const struct migrate *migrate, const struct domain_nic *of,
		const struct vnic *vnic, struct way_back *back, struct err *err);

/* Unplugs the VF from the running machine, puts it back as it was before, and reserves it for the way
 * back in the same breath. -EPERM, -ETIMEDOUT: the guest keeps it. */
int withdraw(const struct giving *giving, struct way_back *back, struct deadline limit,
		struct err *err);

/* Holds it longer; failures leave it as it is. */
void withdraw_renew(const struct giving *giving, struct way_back *back);

/* Plugs it in again; NOTES names a VF that the machine has to do without. */
void withdraw_undo(const struct giving *giving, struct way_back *back);

/* Gives it up: the machine has left. The caller holds the lock. */
void withdraw_end(const struct giving *giving, struct way_back *back);

#endif

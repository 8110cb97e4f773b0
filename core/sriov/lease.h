/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_LEASE_H
#define SRIOV_LEASE_H

#include "data/record.h"
#include "host/host.h"

/*
 * A temporary use of a PF and its VFs. The end of the lease restores the state at its beginning:
 * the number of VFs, autoprobe, the driver and settings of each VF, and the MTU, MAC and up/down
 * state of the PF. A lease ends in the process that began it; lease_restore() works from the record
 * of the lease, so that another process can clean up after a killed one.
 */
struct lease;

int lease_begin(const struct host *host, struct bdf pf, struct lease **lease, struct err *err);

/* Takes over a lease from its record, after the process that began it has ended. PF is the
 * current address of the card, which may have been moved. */
int lease_adopt(const struct host *host, const struct record *record, struct bdf pf,
		struct lease **lease, struct err *err);

/* The differences from the state at the beginning, one per line, "" if there are none; for the
 * caller to free. */
int lease_differences(const struct lease *lease, char **text, struct err *err);

/* Restores the state, then compares. */
int lease_end(struct lease *lease, struct err *err);
void cleanup_lease(struct lease **lease);

/* Ends the lease without restoring anything. NULL is not an error. */
void lease_drop(struct lease *lease);

struct record *lease_to_record(const struct lease *lease);
int lease_restore(const struct host *host, const struct record *record, struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_LEASE_H
#define SRIOV_LEASE_H

#include "data/record.h"
#include "host/host.h"

/*
 * A loan of a PF and its VFs: the end of the lease restores the state at its beginning, which is
 * the count of VFs, autoprobe, each VF's driver and settings, and the PF's MTU, MAC and up/down. A
 * lease ends in the process that began it; lease_restore() works from the record of the lease, so
 * that another process can clean up after a killed one.
 */
struct lease;

int lease_begin(const struct host *host, struct bdf pf, struct lease **lease, struct err *err);

/* Takes over a lease from its record, after the process that began it has ended. The card is at PF
 * now: it may have been moved. */
int lease_adopt(const struct host *host, const struct record *record, struct bdf pf,
		struct lease **lease, struct err *err);

/* The differences between now and the beginning, one per line, "" when there are none; for the
 * caller to free. */
int lease_differences(const struct lease *lease, char **text, struct err *err);

/* Puts everything back and compares. */
int lease_end(struct lease *lease, struct err *err);
void cleanup_lease(struct lease **lease);

/* Ends the lease and leaves everything as it is. NULL is fine. */
void lease_drop(struct lease *lease);

struct record *lease_to_record(const struct lease *lease);
int lease_restore(const struct host *host, const struct record *record, struct err *err);

#endif

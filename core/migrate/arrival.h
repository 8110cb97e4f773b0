/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGRATE_ARRIVAL_H
#define MIGRATE_ARRIVAL_H

#include "migrate/moving_nic.h"
#include "vm/vf_give.h"

/*
 * A machine that is to arrive at this host: what is held for it, and what it gets when it runs
 * here. Its vNICs are in the catalog from the reservation on, so that whatever happens then, vfctl vm
 * upgrade knows what its NICs lack.
 */
struct arriving_nic {
	struct moving_nic nic;
	struct nic_plan plan; /* with one device, the VF, if PLAN.PLUG_COUNT */
};

struct arrival {
	const struct host *host;
	struct hypervisor **hypervisor;
	int wait_s; /* for the lock */
	struct domain_status vm;
	struct catalog catalog;
	struct promises promises;
	size_t count;
	struct arriving_nic *nics;
	bool reserved, plugged;
	int64_t renewed_ms; /* clock_ms() of the last renewal */
};

/* Decides what the machine's NICs can have here, and says so in NICS. Refusals have names. */
int arrival_plan(struct arrival *arrival, const struct domain_status *vm, struct moving_nics *nics,
		struct diagnostics *notes, struct err *err);

/* Holds the VFs of the plan for ARRIVAL_HOLD_MS, all or none. */
enum { ARRIVAL_HOLD_MS = 180000, ARRIVAL_RENEW_MS = 30000 };
int arrival_reserve(struct arrival *arrival, struct diagnostics *notes, struct err *err);

/* Holds them longer, if it is time to. */
void arrival_renew(struct arrival *arrival, struct diagnostics *notes);

/* Plugs the VFs into the machine, which runs here by now. ERRS gets one for each NIC: a NIC without its VF
 * goes on with its standby. */
int arrival_plug(struct arrival *arrival, struct diagnostics *notes, struct err *errs,
		struct err *err);

/* Gives back what is held for a machine. One that has come keeps its vNICs. */
void arrival_end(struct arrival *arrival, struct diagnostics *notes);

#endif

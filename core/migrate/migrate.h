/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MIGRATE_MIGRATE_H
#define MIGRATE_MIGRATE_H

#include "host/hypervisor_migrate.h"
#include "migrate/moving_nic.h"
#include "migrate/peer.h"
#include "vm/way_back.h"

/*
 * The live migration of a machine whose VFs are halves of failover pairs. VFs are held on the
 * target; the guest releases its VFs and goes on with the standbys; the machine is copied; it gets
 * the held VFs. Until it runs on the target, each VF that it had here is held for the way back.
 *
 * Where it ends, and what is left, after a failure or an interruption:
 * - before the machine runs on the target: it runs here with its VFs, nothing is left on the target;
 * - after that: it runs on the target, with its VFs if the target's vfctl lives. Whatever is left
 *   there of the plan, vfctl vm upgrade does.
 * A process that is killed leaves reservations, which the next vfctl brings up to date on either
 * host, and a machine that may have only its standbys, which that vfctl says.
 */

enum migrate_phase {
	MIGRATE_PLANNING,
	MIGRATE_RESERVING, /* on the target */
	MIGRATE_UNPLUGGING,
	MIGRATE_COPYING,
	MIGRATE_PLUGGING, /* on the target */
	MIGRATE_PHASES,
};

/* "reserve", for people and for JSON. */
const char *migrate_phase_name(enum migrate_phase phase);

struct migrate_request {
	const char *vm;         /* name or UUID */
	const char *target;     /* its host, for ssh */
	const char *const *ssh; /* the command that reaches it, ending with NULL */
	const char *uri;        /* of libvirt there; NULL: qemu+ssh://TARGET/system */
	const char *data_uri;   /* where QEMU there receives the data; NULL: libvirt's choice */
	int limit_s;            /* for the copying */
	int guest_s;            /* for the guest to release its VFs */
	int wait_s;             /* for the lock, of either host */

	/* Called when a phase begins, and while it copies with the progress; may be NULL. */
	void (*tell)(void *argument, enum migrate_phase phase,
			const struct migration_progress *progress);
	void *argument;
};

struct migrate {
	const struct host *host;
	struct migrate_request request;
	struct domain_status vm;
	struct catalog catalog;
	struct domain live, config;
	struct moving_nics nics;
	struct way_back *back; /* one for each NIC */
	struct peer peer;
	struct hypervisor *target;

	/* The result. */
	bool arrived;   /* it runs on the target */
	bool end_known; /* where it runs after the copying */
	int64_t ms[MIGRATE_PHASES];
	int64_t downtime_ms; /* -1: not known */
};

/* Decides all that can be decided without a change, on both hosts. Refusals have names. The caller
 * frees MIGRATE in any case; it was zeroed. */
int migrate_plan(const struct host *host, struct hypervisor *hypervisor,
		const struct migrate_request *request, struct migrate *migrate,
		struct diagnostics *notes, struct err *err);

/* The steps of the plan, a line each. */
void migrate_steps(const struct migrate *migrate, struct diagnostics *steps);

/* Carries the plan out. After an error, ARRIVED says whether the machine runs on the target without
 * all of its VFs, or here as before. NOTES says what else happened. -ECANCELED: a signal came
 * (base/signals.h), and it is as it was. */
int migrate_run(struct hypervisor **hypervisor, struct migrate *migrate, struct diagnostics *notes,
		struct err *err);

void cleanup_migrate(struct migrate *migrate);

#endif

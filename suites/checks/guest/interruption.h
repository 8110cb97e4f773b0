/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECKS_GUEST_INTERRUPTION_H
#define CHECKS_GUEST_INTERRUPTION_H

#include "base/process.h"
#include "checks/guest/tenants.h"

/*
 * A process that is killed at a certain moment of an attach or a detach of vm1's NIC. Whatever was killed, the
 * host must end where either the guest has its VF with the settings of a tenant, or the VF is as before; and
 * from there on everything must work.
 */

/* When it is killed, as the host shows it. */
enum moment {
	MOMENT_RESERVED,  /* the manager has noted the VF, and changed nothing */
	MOMENT_UNBOUND,   /* libvirt has taken the VF's driver */
	MOMENT_OPENED,    /* QEMU has the VF open */
	MOMENT_RELEASING, /* the manager has noted that the VF is to come back */
	MOMENT_CLOSED,    /* QEMU has it open no longer */
};

enum victim { VICTIM_MANAGER, VICTIM_DAEMON, VICTIM_MACHINE };

struct interruption {
	struct tenants *tenants;
	enum victim victim;
	enum moment moment;

	struct bdf vf;
	pid_t pid; /* of the victim */
	struct process manager;
	int output;      /* of the manager */
	bool struck;     /* the victim was killed while the manager worked */
	int64_t into_ms; /* after the start of the manager */
	struct call call;
};

/* Starts "vfctl VERB" for vm1's NIC, kills the victim at the moment, and waits for the end of vfctl. A daemon is
 * started again. -1 with run->err, also if the moment did not come. */
int interrupt(struct interruption *interruption, const char *verb);
void interruption_end(struct interruption *interruption);

/* Kills libvirt's daemon and starts it again. */
int daemon_kill(struct tenants *tenants);

/* Lets the manager clean up, and judges what it ends with. The guest must not have the VF if its machine was
 * killed. If it has it, the VF works, and is given back. */
enum verdict interruption_judge(struct interruption *interruption);

#endif

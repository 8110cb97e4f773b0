/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_RESERVATION_H
#define SRIOV_RESERVATION_H

#include "base/clock.h"
#include "host/process_id.h"
#include "sriov/vf_state.h"

/*
 * A VF that the manager gives to a NIC of a virtual machine, from before the first change until it is back
 * as it was. It is a file in run/vfctl/reservations, which a boot empties, as it removes the VFs. A caller
 * that writes or removes one holds the lock (apply/lock.h).
 */
enum reservation_stage {
	/* A process keeps it for the machine, and has not asked libvirt for anything yet. */
	RESERVATION_HELD,
	RESERVATION_PLUGGING,   /* the machine is to get it */
	RESERVATION_PLUGGED,    /* the machine had it when that was looked at last */
	RESERVATION_UNPLUGGING, /* the machine is to release it */
};

struct reservation {
	struct bdf vf, pf;
	unsigned index;         /* of the VF */
	char vm[128], uuid[37]; /* the virtual machine */
	char nic[NAME_ROOM];    /* its NIC */
	bool standby; /* a NIC on a bridge serves the machine while it is without the VF */
	enum reservation_stage stage;
	struct vf_state before;     /* to be put back */
	struct vf_settings plugged; /* what is set while the machine has it */
	char boot_id[40];           /* set by reservation_save() */
	struct process_id process;  /* that holds, plugs or unplugs, set by reservation_save() */
	/* When that is over, in milliseconds of reservation_clock_ms(). libvirt may plug and unplug until then
	 * even if the process was killed; what was merely held is free again with its end. */
	int64_t until_ms;
};

/* Time since the boot, also while the machine sleeps. */
int64_t reservation_clock_ms(void);

/* Writes it, durably, in place of an earlier one of the same VF. */
int reservation_save(const struct host *host, struct reservation *reservation, struct err *err);
int reservation_remove(const struct host *host, struct bdf vf, struct err *err);

/* -ENOENT without ERR: there is none of this boot. */
int reservation_read(const struct host *host, struct bdf vf, struct reservation *reservation,
		struct err *err);

/* All of this boot, for the caller to free. A file that cannot be read is named in NOTES, and its VF
 * is not free. */
int reservations_read(const struct host *host, struct reservation **list, size_t *count,
		struct diagnostics *notes, struct err *err);

/* Whether its process, or libvirt, may still be at it. */
bool reservation_is_pending(const struct reservation *reservation);

/*
 * Puts the VF back as it was before, compares, and removes the reservation. Waits until LIMIT for the
 * machine to have released it and for libvirt to have done its part. -EBUSY: the VF is still held. After
 * any other error the reservation stays, and the next call tries again. A VF that is no longer there
 * has nothing to be put back.
 */
int reservation_give_back(const struct host *host, const struct reservation *reservation,
		struct deadline limit, struct err *err);

/* The same without removing the reservation. */
int reservation_restore(const struct host *host, const struct reservation *reservation,
		struct deadline limit, struct err *err);

/*
 * Brings all reservations up to date, after machines that ended and managers that were killed: gives back
 * what no machine holds, and marks as plugged what one does. NOTES says what was done, and what could
 * not be. The caller holds the lock.
 */
void reservations_settle(const struct host *host, struct diagnostics *notes);

#endif

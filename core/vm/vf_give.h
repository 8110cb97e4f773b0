/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_VF_GIVE_H
#define VM_VF_GIVE_H

#include "vm/nic_plan.h"

/*
 * The steps in which a machine gets a VF, plugged in while it runs or there from its start:
 * reserve, prepare, libvirt's part, verify, keep. Each passes over a device that is not a VF.
 *
 * Before anything changes, the VF is reserved on disk together with the state that it is to have
 * again; from then on any later vfctl can put everything back, however this process ends. The
 * lock is held only while reservations change, so a slow machine does not stop the rest of the
 * host.
 */
struct giving {
	const struct host *host;
	struct hypervisor **hypervisor; /* reopened if its daemon restarts meanwhile */
	const struct domain_status *vm;
	const char *verb; /* for the message of a process that waits for the lock */
	int wait_s;       /* for the lock */
	struct diagnostics *notes;
};

int give_lock(const struct giving *giving, int *lock, struct err *err);

/* Reserves the VF for the next FOR_MS milliseconds; the caller holds the lock and has settled the
 * reservations. -EBUSY: another has it by now. */
int vf_reserve(const struct giving *giving, struct plug *plug, int for_ms, struct err *err);

/* Keep the reserved VF for the next FOR_MS milliseconds; the caller holds the lock. Until vf_begin() nothing
 * is asked of libvirt, so that with the end of this process the VF is free again. */
int vf_hold(const struct giving *giving, struct plug *plug, int for_ms, struct err *err);
int vf_begin(const struct giving *giving, struct plug *plug, int for_ms, struct err *err);

/* Keeps the VF that is held for FROM, a device of the same machine, for this one. */
int vf_take_over(const struct plug *from, struct plug *plug, struct err *err);

/* Sets a VF that the machine has as the device demands, and says so in its reservation. */
int vf_set(const struct giving *giving, struct plug *plug, struct err *err);

/* Sets what libvirt does not set. */
int vf_prepare(const struct giving *giving, struct plug *plug, struct err *err);

/* After libvirt's success: waits until QEMU has the VF open, and sets again what is not as asked
 * for. */
int vf_verify(const struct giving *giving, struct plug *plug, struct err *err);

/* Whether one side of the machine has the device. */
int plug_verify(const struct giving *giving, const struct plug *plug, enum domain_side side,
		struct err *err);

/* Adds the device to SIDES, and verifies that. */
int plug_add(const struct giving *giving, const struct plug *plug, unsigned sides, struct err *err);

/* Says in the reservation that the machine has the VF; the caller holds the lock. */
int vf_keep(const struct giving *giving, struct plug *plug, struct err *err);

/* After a failure: unplugs the device from SIDES and gives the VF back. NOTES names what
 * remains. */
void plug_take_back(const struct giving *giving, struct plug *plug, unsigned sides);

/* After a failure: forgets the vNIC. What could not be forgotten is replaced by the next NIC of
 * that name. */
void give_up_vnic(const struct giving *giving, const struct vnic *vnic);

/* Whether after this error it is unknown what libvirt will do. The VF then stays reserved until
 * that can be seen. */
bool is_unknown_end(int rc);

#endif

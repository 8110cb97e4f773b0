/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VM_UNPLUG_H
#define VM_UNPLUG_H

#include "base/diagnostics.h"
#include "host/hypervisor.h"

/* A device that a machine is to release. */
struct unplug {
	const struct host *host;
	struct hypervisor **hypervisor; /* reopened if its daemon restarts meanwhile */
	const struct domain_status *vm;
	const char *alias;
	unsigned sides; /* enum domain_side */
};

/*
 * Unplugs the device and waits until libvirt has no such device any more. The request is repeated while
 * the guest does not react. A device that is not there is not an error, nor is the end of the machine.
 * -EPERM: the guest refuses. -ETIMEDOUT: it did not react until LIMIT; the device stays plugged in.
 * NOTES says what happened on the way.
 */
int unplug_run(const struct unplug *unplug, struct deadline limit, struct diagnostics *notes,
		struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_VFS_H
#define SRIOV_VFS_H

#include <stdbool.h>

#include "host/host.h"
#include "netdev/netdev.h"

/*
 * Changes VFs. PF is the BDF of the physical function. Every change is read back: it is also an
 * error if the kernel accepted a change but did not apply it.
 */

/* Sets the number of VFs. A change goes through 0, as the kernel requires. Brings the PF up
 * first, since several drivers leave VFs dead on a PF that is down. -ERANGE: more than the driver
 * allows; -EBUSY, with the name of the holder: a VF that would go is held; -EPERM, with advice to
 * run as root. */
int vfs_set_count(const struct host *host, struct bdf pf, unsigned count, struct err *err);

/* Whether the kernel binds drivers to new VFs. */
int vfs_set_autoprobe(const struct host *host, struct bdf pf, bool autoprobe, struct err *err);

/* Finds the BDF of virtfnINDEX. -ENODEV: there is none. */
int vf_find(const struct host *host, struct bdf pf, unsigned index, struct bdf *vf,
		struct err *err);

/* Changes settings and reads them back. -EREMOTEIO: the driver accepted a setting but reports
 * another value. */
int vf_change_settings(const struct host *host, struct bdf pf, unsigned index,
		const struct vf_settings *change, struct err *err);

/* The same without reading back. */
int vf_write_settings(const struct host *host, struct bdf pf, unsigned index,
		const struct vf_settings *change, struct err *err);

/* Whether the PF's interface is up and has a link, and a wait for that. */
bool pf_has_link(const struct host *host, struct bdf pf);
int pf_wait_carrier(const struct host *host, struct bdf pf, int timeout_ms, struct err *err);

/* Binds the function to DRIVER (NULL: the one that the kernel chooses), or to none. Waits for
 * it, at most 10 s. Not an error if it is bound so already. */
int function_bind(const struct host *host, struct bdf bdf, const char *driver, struct err *err);
int function_unbind(const struct host *host, struct bdf bdf, struct err *err);

/* Lets the kernel bind the driver that it would bind to a new function. Not an error if there is
 * none. */
int function_probe(const struct host *host, struct bdf bdf, struct err *err);

/* A function-level reset through sysfs. */
int function_reset(const struct host *host, struct bdf bdf, struct err *err);

/* Waits until the function, bound to a network driver, has its interface. */
int function_wait_netdev(const struct host *host, struct bdf bdf, int timeout_ms, char *name,
		size_t size, struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_VFS_H
#define SRIOV_VFS_H

#include <stdbool.h>

#include "host/host.h"
#include "netdev/netdev.h"

/*
 * Changing VFs. PF is the BDF of the physical function. Every change is read back: what the kernel
 * accepted and did not do is an error too.
 */

/* Sets the number of VFs. From one number to another goes through 0, which the kernel demands. The
 * PF is brought up first, since several drivers leave VFs of a PF that is down dead. -ERANGE above
 * what the driver allows, -EBUSY with the holder's name while anything holds a VF that would go,
 * -EPERM with advice to run as root. */
int vfs_set_count(const struct host *host, struct bdf pf, unsigned count, struct err *err);

/* Whether the kernel binds drivers to new VFs. */
int vfs_set_autoprobe(const struct host *host, struct bdf pf, bool autoprobe, struct err *err);

/* The BDF of virtfnINDEX. -ENODEV: there is none. */
int vf_find(const struct host *host, struct bdf pf, unsigned index, struct bdf *vf,
		struct err *err);

/* Changes settings and reads them back: -EREMOTEIO where the driver took a setting and reports
 * another. */
int vf_change_settings(const struct host *host, struct bdf pf, unsigned index,
		const struct vf_settings *change, struct err *err);

/* The same without reading back. */
int vf_write_settings(const struct host *host, struct bdf pf, unsigned index,
		const struct vf_settings *change, struct err *err);

/* Whether the PF's interface is up and has a link, and a wait until it has. */
bool pf_has_link(const struct host *host, struct bdf pf);
int pf_wait_carrier(const struct host *host, struct bdf pf, int timeout_ms, struct err *err);

/* Binds the function to DRIVER (NULL: the one the kernel chooses), or to none. Waits until it has
 * happened, at most 10 s. Binding what is bound so already is fine. */
int function_bind(const struct host *host, struct bdf bdf, const char *driver, struct err *err);
int function_unbind(const struct host *host, struct bdf bdf, struct err *err);

/* Lets the kernel bind the driver that it would have bound to a new function; that there is none is
 * no error. */
int function_probe(const struct host *host, struct bdf bdf, struct err *err);

/* A function-level reset through sysfs. */
int function_reset(const struct host *host, struct bdf bdf, struct err *err);

/* Waits until the function, bound to a network driver, has its interface. */
int function_wait_netdev(const struct host *host, struct bdf bdf, int timeout_ms, char *name,
		size_t size, struct err *err);

#endif

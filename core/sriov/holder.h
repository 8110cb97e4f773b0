/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_HOLDER_H
#define SRIOV_HOLDER_H

#include "host/vfio_users.h"
#include "sriov/inventory.h"

/* Who holds a VF. USERS is one reading of the processes, good for many VFs. */
void holder_find(const struct host *host, const struct vfio_users *users, const struct function *vf,
		struct holder *holder);

/* Whether a driver is bound that makes a network interface of it. */
bool holder_is_network(const struct function *vf);

/* "held by qemu-system-x86 (pid 812)", and how to let go of it. "" for a free one. */
const char *holder_text(const struct holder *holder, char *text, size_t size);

/* -EBUSY when a process has the function open through VFIO: an unbind would block until it lets
 * go. */
int holder_check_vfio(const struct host *host, struct bdf bdf, struct err *err);

#endif

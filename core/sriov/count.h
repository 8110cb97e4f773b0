/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_COUNT_H
#define SRIOV_COUNT_H

#include "host/host.h"

/* vfs_set_count() for the owner of the VFs: interfaces that are up, stacked, or in another
 * network namespace do not count as held. A process that has a VF open through VFIO does count: the
 * kernel would block until it closes the VF. */
int count_set_owned(const struct host *host, struct bdf pf, unsigned count, struct err *err);

/* vfs_set_count() for an administrator who knows that no VF is in use by what DESPITE names
 * (holder_word(), or NULL). */
int count_set_despite(const struct host *host, struct bdf pf, unsigned count, const char *despite,
		struct err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_ESWITCH_H
#define SRIOV_ESWITCH_H

#include "netdev/devlink.h"
#include "sriov/inventory.h"

/* The mode of PF's eswitch. Without an answer of devlink, an interface that represents something
 * shows switchdev mode. */
enum eswitch_mode eswitch_mode_of(const struct host *host, struct bdf pf);

/* Refuses the settings of VF that the PF's driver does not take in the mode of its eswitch. */
int eswitch_check(const struct host *host, const struct pf *pf, unsigned vf,
		const struct vf_settings *settings, struct err *err);

#endif

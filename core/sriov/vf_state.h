/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRIOV_VF_STATE_H
#define SRIOV_VF_STATE_H

#include "sriov/inventory.h"

/* What the user of a VF may change of it, and what is put back afterwards. */
struct vf_state {
	char driver[NAME_ROOM]; /* "": none bound */
	struct vf_settings settings;
};

struct vf_state vf_state_of(const struct vf *vf);
void vf_state_to_record(const struct vf_state *state, struct record *object);
struct vf_state vf_state_from_record(const struct record *object);

/* Returns how NOW differs from WAS, "driver vfio-pci, was igbvf; MAC ..., was ...", or "", for the
 * caller to free. */
char *vf_state_differences(const struct vf_state *was, const struct vf_state *now);

/* Binds the driver and makes the settings of STATE, where NOW differs. Does not compare. */
int vf_state_restore(const struct host *host, struct bdf pf, const struct vf *now,
		const struct vf_state *state, struct err *err);

#endif

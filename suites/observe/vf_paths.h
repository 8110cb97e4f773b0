/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_VF_PATHS_H
#define OBSERVE_VF_PATHS_H

#include "observe/dut.h"

/*
 * What every VF must carry and what it must not, tried on many VFs at a time, so that a lost burst costs
 * its wait once for all of them. The paths up to VF_USABLE are those that every check of VFs stands on;
 * each is built on those before it.
 */

enum vf_path {
	VF_DRIVER, /* a network driver and an interface */
	VF_CARRIER,
	VF_RECEIVES,      /* frames of the smallest size from the wire */
	VF_SENDS,         /* and to it */
	VF_RECEIVES_FULL, /* frames of 1500 octets */
	VF_SENDS_FULL,
	VF_USABLE,

	VF_FROM_PF = VF_USABLE,
	VF_TO_PF,
	VF_TO_NEXT, /* to the next VF of the list, round */
	VF_CARRIES,

	/* For VFs with a port VLAN each: see vf_paths_vlan(). */
	VF_OTHER_VLAN = VF_CARRIES, /* frames of the next VF's VLAN from the wire: must not arrive */
	VF_FORGED,                  /* frames to the wire under the PF's MAC: must not arrive */
	VF_VLAN_IN,                 /* the largest frames, of its own VLAN, from the wire */
	VF_VLAN_OUT,                /* and to it, with the tag of its VLAN */
	VF_PATHS,
};

/* The check that states each path. */
extern const char *const vf_path_checks[VF_PATHS];

/* What was seen of one VF. */
struct vf_paths {
	unsigned tried;            /* bits 1 << enum vf_path */
	unsigned frames[VF_PATHS]; /* that arrived; VF_DRIVER and VF_CARRIER: 1 if it is there */
	unsigned foreign;          /* frames that arrived for other VFs */
	unsigned retried;          /* bursts that did not arrive whole at the first try */
	unsigned wrong_tags;       /* bursts that were on the wire without the tag of its VLAN */
};

/* Tries the paths from FIRST to before END on the VFs FROM to TO of the list, each as long as it has a
 * carrier and the path in the same direction that comes before works. A VF without a path up to VF_USABLE
 * gets it as dut_vf.fails. Without a link partner no frames are tried. SEEN has an item for each of the
 * VFs, to which the results are added, or is NULL. */
struct vf_range {
	unsigned from, to;
};
int vf_paths_try(struct dut *dut, struct vf_range vfs, enum vf_path first, enum vf_path end,
		struct vf_paths seen[], struct err *err);

/* The port VLAN with which a VF of the list is tried. */
uint16_t vf_paths_vlan(const struct dut *dut, unsigned vf);

/* How many frames must arrive on PATH. */
unsigned vf_path_frames(enum vf_path path);

#endif

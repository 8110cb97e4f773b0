/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OBSERVE_SCENE_H
#define OBSERVE_SCENE_H

#include "check.h"
#include "host/netlink.h"
#include "observe/endpoint.h"

/*
 * A scene: standing VFs with the policy that a check gives them, PF and link partner, each an
 * endpoint with its ears open. The scene borrows: when it closes, the policies are again what they
 * were.
 *
 * Silence is proven, not waited for. After a burst that nobody may hear, fences follow the same
 * ways: one from the sender to the wire, then one from the wire to each listener. What a listener
 * did not hear before the fence, it will never hear, since each of these ways keeps the order. A
 * fence that is lost makes the silence void.
 */

struct scene {
	struct check_run *run;
	struct dut *dut;
	unsigned vf_count;
	struct endpoint *vf[DUT_VFS], *pf, *partner;
	uint16_t vlan[DUT_VFS]; /* port VLANs: how a fence reaches each VF */
	struct vf_policy before[DUT_VFS];
	bool changed[DUT_VFS], mac_changed[DUT_VFS];
	int patience_ms; /* for a fence */
};

/* The first COUNT standing VFs get POLICIES; a VF that gets another MAC has its driver bound anew.
 * Errors are in run->err. */
int scene_open(struct check_run *run, const struct vf_policy policies[], unsigned count,
		struct scene *scene);
void scene_close(struct scene *scene);

/* Changes the policy of one VF in an open scene, its driver left alone. */
int scene_set(struct scene *scene, unsigned vf, const struct vf_policy *policy);

/* The VF did something to its own MAC or filters: its policy is set and its driver bound anew when
 * the scene closes. */
void scene_disturb(struct scene *scene, unsigned vf);

/* Opens the ears of a VF again after its driver was bound anew. */
int scene_reopen(struct scene *scene, unsigned vf);

/* Sends a burst and counts it at AT, as evidence NAME. A zero source is FROM's own MAC. Both give
 * 0, or -1 with the reason in run->err.
 *
 * scene_reach() waits for the whole burst: for what must arrive. scene_leak() proves that what AT
 * has heard is all that it will hear: for what must not; it is -1 when silence could not be
 * proven. */
int scene_reach(struct scene *scene, const char *name, struct endpoint *from, struct endpoint *at,
		struct burst burst, struct heard *heard);
int scene_leak(struct scene *scene, const char *name, struct endpoint *from, struct endpoint *at,
		struct burst burst, struct heard *heard);

/* The same in two steps, for a burst that several endpoints are asked about. */
int scene_send(struct scene *scene, struct endpoint *from, struct burst burst, uint64_t *token);
struct heard scene_expect(
		struct scene *scene, const char *name, struct endpoint *at, uint64_t token);
int scene_silence(struct scene *scene, const char *name, struct endpoint *from, struct endpoint *at,
		uint64_t token, struct heard *heard);

/* After it, what an endpoint has not heard of all that FROM sent before, it will never hear. */
int scene_quiet(struct scene *scene, struct endpoint *from);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/scene.h"

#include <stdio.h>
#include <string.h>

#include "sriov/inventory.h"
#include "sriov/vfs.h"

/* From a send to the frame at the other end. The wire is short, and a check that has to see frames
 * lost waits so long for each burst. */
enum { ARRIVAL_MS = 300 };

static int open_vf(struct scene *scene, unsigned vf)
{
	struct dut *dut = scene->dut;
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "vf%u", vf);
	return endpoint_open(dut->host, dut->vf_netns, dut->home_netns, name, &scene->vf[vf],
			&scene->run->err);
}

int scene_reopen(struct scene *scene, unsigned vf)
{
	endpoint_close(scene->vf[vf]);
	scene->vf[vf] = NULL;
	return open_vf(scene, vf);
}

void scene_disturb(struct scene *scene, unsigned vf)
{
	scene->changed[vf] = true;
	scene->mac_changed[vf] = true;
}

int scene_set(struct scene *scene, unsigned vf, const struct vf_policy *policy)
{
	struct dut *dut = scene->dut;

	if (!policy->settings)
		return 0;
	scene->changed[vf] = true;
	if (policy->settings & VF_MAC)
		scene->mac_changed[vf] = true;
	if (policy->settings & VF_VLAN)
		scene->vlan[vf] = policy->vlan;
	return vf_set_policy(dut->host, dut->pf, vf, policy, &scene->run->err);
}

static int open_endpoints(struct scene *scene)
{
	struct dut *dut = scene->dut;
	struct err *err = &scene->run->err;
	int rc = 0;

	for (unsigned i = 0; !rc && i < scene->vf_count; i++)
		rc = open_vf(scene, i);
	if (!rc)
		rc = endpoint_open(dut->host, dut->home_netns, dut->home_netns, dut->pf_netdev,
				&scene->pf, err);
	if (!rc && dut->partner[0])
		rc = endpoint_open(dut->host, dut->home_netns, dut->home_netns, dut->partner,
				&scene->partner, err);
	return rc;
}

/* Without settings per VF there is nothing to put back. */
static int remember_policies(struct scene *scene)
{
	struct netdev pf = { 0 };
	int rc = netdev_read(scene->dut->host, scene->dut->pf_netdev, &pf, &scene->run->err);

	if (rc < 0)
		return rc;
	if (pf.vf_count && pf.vf_count < scene->vf_count)
		rc = err_set(&scene->run->err, ENODEV, "%s reports %u VFs, %u are needed",
				scene->dut->pf_netdev, pf.vf_count, scene->vf_count);
	for (unsigned i = 0; !rc && pf.vf_count && i < scene->vf_count; i++) {
		scene->before[i] = pf.vfs[i];
		scene->vlan[i] = pf.vfs[i].vlan;
	}
	netdev_free(&pf);
	return rc;
}

int scene_open(struct check_run *run, const struct vf_policy policies[], unsigned count,
		struct scene *scene)
{
	int rc;

	*scene = (struct scene){
		.run = run, .dut = run->dut, .vf_count = count, .patience_ms = ARRIVAL_MS
	};
	rc = remember_policies(scene);
	for (unsigned i = 0; !rc && policies && i < count; i++) {
		rc = scene_set(scene, i, &policies[i]);
		if (!rc && scene->mac_changed[i])
			rc = dut_rebind_vf(run->dut, i, &run->err);
	}
	return rc ? rc : open_endpoints(scene);
}

/* Failures here are not swallowed: the runner compares the state after the check, too. */
static void put_back(struct scene *scene, unsigned vf)
{
	struct dut *dut = scene->dut;
	struct vf_policy *before = &scene->before[vf];

	before->settings &= VF_MAC | VF_VLAN | VF_SPOOFCHK | VF_TRUST | VF_RATE;
	if (before->settings)
		vf_set_policy(dut->host, dut->pf, vf, before, &scene->run->err);
	if (scene->mac_changed[vf])
		dut_rebind_vf(dut, vf, &scene->run->err);
}

void scene_close(struct scene *scene)
{
	for (unsigned i = 0; i < scene->vf_count; i++)
		endpoint_close(scene->vf[i]);
	endpoint_close(scene->pf);
	endpoint_close(scene->partner);
	for (unsigned i = 0; i < scene->vf_count; i++) {
		if (scene->changed[i])
			put_back(scene, i);
	}
}

int scene_send(struct scene *scene, struct endpoint *from, struct burst burst, uint64_t *token)
{
	if (mac_is_zero(burst.from))
		burst.from = endpoint_mac(from);
	sabotage_apply(&scene->dut->sabotage);
	return endpoint_send(from, &burst, token, &scene->run->err);
}

static void note(struct scene *scene, const char *name, const struct heard *heard)
{
	evidence_text(scene->run, name, "%u of %d frames", heard->frames, BURST_FRAMES);
	if (heard->tags)
		evidence_text(scene->run, name, "tagged %04x vlan %u priority %u%s",
				heard->outer.proto, heard->outer.vlan, heard->outer.priority,
				heard->tags > 1 ? ", with a second tag" : "");
}

struct heard scene_expect(
		struct scene *scene, const char *name, struct endpoint *at, uint64_t token)
{
	struct heard heard = endpoint_listen(
			at, token, BURST_FRAMES, dut_deadline(scene->dut, ARRIVAL_MS));

	note(scene, name, &heard);
	return heard;
}

/* The port VLAN through which the wire reaches AT. */
static uint16_t vlan_of(const struct scene *scene, const struct endpoint *at)
{
	for (unsigned i = 0; i < scene->vf_count; i++) {
		if (scene->vf[i] == at)
			return scene->vlan[i];
	}
	return 0;
}

static int fence(
		struct scene *scene, struct endpoint *from, struct endpoint *at, struct burst burst)
{
	uint64_t token;
	int rc;

	burst.frames = 1;
	rc = scene_send(scene, from, burst, &token);
	if (rc < 0)
		return rc;
	if (endpoint_listen(at, token, 1, dut_deadline(scene->dut, scene->patience_ms)).frames)
		return 0;
	return err_set(&scene->run->err, ETIMEDOUT,
			"the fence from %s to %s was lost, so silence there proves nothing",
			endpoint_name(from), endpoint_name(at));
}

static int fence_from(struct scene *scene, struct endpoint *from)
{
	if (from == scene->partner)
		return 0;
	return fence(scene, from, scene->partner, (struct burst){ .to = mac_broadcast });
}

static int fence_to(struct scene *scene, struct endpoint *at)
{
	struct burst burst = { .to = endpoint_mac(at) };

	if (at == scene->partner)
		return 0;
	if (vlan_of(scene, at))
		burst.outer = (struct tag){ 0x8100, vlan_of(scene, at), 0 };
	return fence(scene, scene->partner, at, burst);
}

int scene_silence(struct scene *scene, const char *name, struct endpoint *from, struct endpoint *at,
		uint64_t token, struct heard *heard)
{
	int rc = fence_from(scene, from);

	if (!rc)
		rc = fence_to(scene, at);
	*heard = endpoint_listen(at, token, BURST_FRAMES, deadline_in(0));
	note(scene, name, heard);
	/* What was heard counts, fence or not. */
	return rc < 0 && !heard->frames ? -1 : 0;
}

int scene_quiet(struct scene *scene, struct endpoint *from)
{
	int rc = fence_from(scene, from);

	for (unsigned i = 0; !rc && i < scene->vf_count; i++)
		rc = fence_to(scene, scene->vf[i]);
	return rc ? rc : fence_to(scene, scene->pf);
}

int scene_reach(struct scene *scene, const char *name, struct endpoint *from, struct endpoint *at,
		struct burst burst, struct heard *heard)
{
	uint64_t token;

	if (scene_send(scene, from, burst, &token) < 0)
		return -1;
	*heard = scene_expect(scene, name, at, token);
	return 0;
}

int scene_leak(struct scene *scene, const char *name, struct endpoint *from, struct endpoint *at,
		struct burst burst, struct heard *heard)
{
	uint64_t token;

	if (scene_send(scene, from, burst, &token) < 0)
		return -1;
	return scene_silence(scene, name, from, at, token, heard);
}

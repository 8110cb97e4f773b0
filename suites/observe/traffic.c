/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/traffic.h"

#include <stdio.h>
#include <string.h>

#include "observe/vf_paths.h"
#include "sriov/inventory.h"
#include "sriov/vfs.h"

/* From sending a frame to its arrival. The wire is short, and a check waits this long for each
 * lost burst. */
enum { ARRIVAL_MS = 300 };

static int open_vf(struct traffic *traffic, unsigned vf)
{
	struct dut *dut = traffic->dut;
	char name[IFNAMSIZ];

	dut_vf_name(dut, vf, name);
	return endpoint_open(dut->host, dut->vf_netns, dut->home_netns, name, &traffic->vf[vf],
			&traffic->run->err);
}

int traffic_reopen_vf(struct traffic *traffic, unsigned vf)
{
	endpoint_close(traffic->vf[vf]);
	traffic->vf[vf] = NULL;
	return open_vf(traffic, vf);
}

void traffic_mark_changed(struct traffic *traffic, unsigned vf)
{
	traffic->changed[vf] = true;
	traffic->mac_changed[vf] = true;
}

int traffic_set_vf(struct traffic *traffic, unsigned vf, const struct vf_settings *settings)
{
	struct dut *dut = traffic->dut;

	if (!settings->given)
		return 0;
	traffic->changed[vf] = true;
	if (settings->given & VF_MAC)
		traffic->mac_changed[vf] = true;
	if (settings->given & VF_VLAN)
		traffic->vlan[vf] = settings->vlan;
	return vf_change_settings(
			dut->host, dut->pf, dut->vfs[vf].number, settings, &traffic->run->err);
}

static int open_endpoints(struct traffic *traffic)
{
	struct dut *dut = traffic->dut;
	struct err *err = &traffic->run->err;
	int rc = 0;

	for (unsigned i = 0; !rc && i < traffic->vf_count; i++)
		rc = open_vf(traffic, i);
	if (!rc)
		rc = endpoint_open(dut->host, dut->home_netns, dut->home_netns, dut->pf_netdev,
				&traffic->pf, err);
	if (!rc && dut->partner[0])
		rc = endpoint_open(dut->host, dut->home_netns, dut->home_netns, dut->partner,
				&traffic->partner, err);
	return rc;
}

/* Without settings per VF there is nothing to restore. */
static int remember_settings(struct traffic *traffic)
{
	struct netdev pf = { 0 };
	int rc = netdev_read(traffic->dut->host, traffic->dut->pf_netdev, &pf, &traffic->run->err);

	if (rc < 0)
		return rc;
	for (unsigned i = 0; !rc && pf.vf_count && i < traffic->vf_count; i++) {
		unsigned number = traffic->dut->vfs[i].number;

		if (number >= pf.vf_count) {
			rc = err_set(&traffic->run->err, ENODEV, "%s reports %u VFs, and not VF %u",
					traffic->dut->pf_netdev, pf.vf_count, number);
			break;
		}
		traffic->before[i] = pf.vfs[number];
		traffic->vlan[i] = pf.vfs[number].vlan;
	}
	netdev_free(&pf);
	return rc;
}

int traffic_open(struct check_run *run, const struct vf_settings settings[], unsigned count,
		struct traffic *traffic)
{
	int rc;

	*traffic = (struct traffic){
		.run = run, .dut = run->dut, .vf_count = count, .patience_ms = ARRIVAL_MS
	};
	rc = remember_settings(traffic);
	for (unsigned i = 0; !rc && settings && i < count; i++) {
		rc = traffic_set_vf(traffic, i, &settings[i]);
		if (!rc && traffic->mac_changed[i])
			rc = dut_rebind_vf(run->dut, i, &run->err);
	}
	return rc ? rc : open_endpoints(traffic);
}

/* A failure here is not lost: vfsuite compares the state after the check. */
static void put_back(struct traffic *traffic, unsigned vf)
{
	struct dut *dut = traffic->dut;
	struct vf_settings *before = &traffic->before[vf];

	/* The kernel reports it even for drivers that cannot set it. */
	before->given &= ~(unsigned)VF_LINK;
	if (before->given)
		vf_change_settings(dut->host, dut->pf, dut->vfs[vf].number, before,
				&traffic->run->err);
	if (traffic->mac_changed[vf])
		dut_rebind_vf(dut, vf, &traffic->run->err);
}

void traffic_close(struct traffic *traffic)
{
	for (unsigned i = 0; i < traffic->vf_count; i++)
		endpoint_close(traffic->vf[i]);
	endpoint_close(traffic->pf);
	endpoint_close(traffic->partner);
	for (unsigned i = 0; i < traffic->vf_count; i++) {
		if (traffic->changed[i])
			put_back(traffic, i);
	}
}

int traffic_send(
		struct traffic *traffic, struct endpoint *from, struct burst burst, uint64_t *token)
{
	if (mac_is_zero(burst.from))
		burst.from = endpoint_mac(from);
	dut_inject_faults(traffic->dut);
	return endpoint_send(from, &burst, token, &traffic->run->err);
}

static void note(struct traffic *traffic, const char *name, const struct received *received)
{
	evidence_text(traffic->run, name, "%u of %d frames", received->frames, BURST_FRAMES);
	if (received->tags)
		evidence_text(traffic->run, name, "tagged %04x vlan %u priority %u%s",
				received->outer.proto, received->outer.vlan,
				received->outer.priority,
				received->tags > 1 ? ", with a second tag" : "");
}

struct received traffic_await(
		struct traffic *traffic, const char *name, struct endpoint *at, uint64_t token)
{
	struct received received = endpoint_receive(
			at, token, BURST_FRAMES, dut_deadline(traffic->dut, ARRIVAL_MS));

	note(traffic, name, &received);
	return received;
}

/* The port VLAN of the VF with the endpoint AT. */
static uint16_t vlan_of(const struct traffic *traffic, const struct endpoint *at)
{
	for (unsigned i = 0; i < traffic->vf_count; i++) {
		if (traffic->vf[i] == at)
			return traffic->vlan[i];
	}
	return 0;
}

/* The check that states the path of the last fence. */
static const char *statement_of(
		const struct traffic *traffic, struct endpoint *from, struct endpoint *at)
{
	if (from == traffic->pf || at == traffic->pf)
		return "ready.frames";
	if (at == traffic->partner)
		return vf_path_checks[VF_SENDS];
	return vlan_of(traffic, at) ? "vlan.ingress-own" : vf_path_checks[VF_RECEIVES];
}

static int fence(struct traffic *traffic, struct endpoint *from, struct endpoint *at,
		struct burst burst)
{
	uint64_t token;
	int rc;

	burst.frames = 1;
	rc = traffic_send(traffic, from, burst, &token);
	if (rc < 0)
		return rc;
	if (endpoint_receive(at, token, 1, dut_deadline(traffic->dut, traffic->patience_ms)).frames)
		return 0;
	traffic->run->lost_path = statement_of(traffic, from, at);
	return err_set(&traffic->run->err, ETIMEDOUT,
			"the fence from %s to %s was lost, so silence there proves nothing",
			endpoint_name(from), endpoint_name(at));
}

static int fence_from(struct traffic *traffic, struct endpoint *from)
{
	if (from == traffic->partner)
		return 0;
	return fence(traffic, from, traffic->partner, (struct burst){ .to = mac_broadcast });
}

static int fence_to(struct traffic *traffic, struct endpoint *at)
{
	struct burst burst = { .to = endpoint_mac(at) };

	if (at == traffic->partner)
		return 0;
	if (vlan_of(traffic, at))
		burst.outer = (struct tag){ 0x8100, vlan_of(traffic, at), 0 };
	return fence(traffic, traffic->partner, at, burst);
}

int traffic_prove_silence(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, uint64_t token, struct received *received)
{
	int rc = fence_from(traffic, from);

	if (!rc)
		rc = fence_to(traffic, at);
	*received = endpoint_receive(at, token, BURST_FRAMES, deadline_in(0));
	note(traffic, name, received);
	/* What was received counts, with or without a fence. */
	return rc < 0 && !received->frames ? -1 : 0;
}

int traffic_drain(struct traffic *traffic, struct endpoint *from)
{
	int rc = fence_from(traffic, from);

	for (unsigned i = 0; !rc && i < traffic->vf_count; i++)
		rc = fence_to(traffic, traffic->vf[i]);
	return rc ? rc : fence_to(traffic, traffic->pf);
}

int traffic_probe_silence(struct traffic *traffic, const char *name, struct endpoint *from,
		struct endpoint *at, struct burst burst, struct received *received)
{
	uint64_t token;

	if (traffic_send(traffic, from, burst, &token) < 0)
		return -1;
	return traffic_prove_silence(traffic, name, from, at, token, received);
}
